import type { CaseResult } from './run-cases.ts'

/** How right the answers to some cases are. */
export interface Accuracy {
  cases: number
  failed: number
  /** Cases that must give no alert. */
  quiet: number
  blind: number
  /** Alerts that the cases expect. */
  alerts: number
  truePositives: number
  falsePositives: number
  falseNegatives: number
  /** Of the alerts given, the share that was right to the last diff. null: none was given. */
  precision: number | null
  /** Of the alerts expected, the share that was given, right to the last diff. null: none was expected. */
  recall: number | null
}

export interface AccuracyTable {
  services: (Accuracy & { provider: string; service: string })[]
  providers: (Accuracy & { provider: string })[]
  total: Accuracy
  /** Only those cases that somebody wrote who had not looked at the extraction code: what to judge the rest by. */
  blind: Accuracy
}

export function accuracyTable(results: readonly CaseResult[]): AccuracyTable {
  const services = groups(results, ({ one }) => `${one.provider} ${one.service}`)
  const providers = groups(results, ({ one }) => one.provider)
  return {
    services: services.map(([key, own]) => {
      const [provider = '', service = ''] = key.split(' ')
      return { provider, service, ...accuracy(own) }
    }),
    providers: providers.map(([provider, own]) => ({ provider, ...accuracy(own) })),
    total: accuracy(results),
    blind: accuracy(results.filter(({ one }) => one.blind)),
  }
}

function accuracy(results: readonly CaseResult[]): Accuracy {
  const sum = (number: (result: CaseResult) => number) =>
    results.reduce((total, result) => total + number(result), 0)
  const truePositives = sum(({ verdict }) => verdict.matched)
  const falsePositives = sum(({ verdict }) => verdict.unexpected.length)
  const falseNegatives = sum(({ verdict }) => verdict.missing.length)
  return {
    cases: results.length,
    failed: sum(({ verdict }) => Number(!verdict.passed)),
    quiet: sum(({ one }) => Number(one.expect.length === 0)),
    blind: sum(({ one }) => Number(one.blind)),
    alerts: sum(({ one }) => one.expect.length),
    truePositives,
    falsePositives,
    falseNegatives,
    precision: share(truePositives, falsePositives),
    recall: share(truePositives, falseNegatives),
  }
}

function share(right: number, wrong: number): number | null {
  return right + wrong === 0 ? null : right / (right + wrong)
}

function groups<T>(items: readonly T[], key: (item: T) => string): [string, T[]][] {
  const found = new Map<string, T[]>()
  for (const item of items) found.set(key(item), [...(found.get(key(item)) ?? []), item])
  return [...found]
}
