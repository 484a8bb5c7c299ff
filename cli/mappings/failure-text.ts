import { type CaseAlert, type CaseDiff, sameDiff } from './case-alert.ts'
import type { CaseResult } from './run-cases.ts'

/** A failed case: what was expected and what came, side by side in `width` columns. `!` marks what differs. */
export function failureText({ one, verdict }: CaseResult, width = 110): string {
  const { why, doubt, cite, reason } = one
  const notes = Object.entries({ why, doubt, cite }).filter(([, text]) => text !== null)
  const rows = pairs(verdict.missing, verdict.unexpected).flatMap(([wanted, got]) => alertRows(wanted, got))
  if (rows.length === 0 && reason !== null && !verdict.reasons.includes(reason))
    rows.push([`reason ${reason}`, `reason ${verdict.reasons.join(', ') || 'none'}`, true])
  const half = Math.max(20, Math.floor((width - 6) / 2))
  return [
    `FAILED  ${one.file}: ${one.name}`,
    ...notes.map(([label, text]) => `        ${label}: ${text}`),
    ...verdict.faults.map((fault) => `        cannot be read: ${fault}`),
    ...(rows.length > 0 ? sideBySide(['expected', 'got', false], half) : []),
    ...rows.flatMap((row) => sideBySide(row, half)),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

type Row = [expected: string, got: string, differs: boolean]

/** Alerts on the same resource stand beside one another. */
function pairs(
  missing: readonly CaseAlert[],
  unexpected: readonly CaseAlert[],
): [CaseAlert | undefined, CaseAlert | undefined][] {
  const left = [...unexpected]
  const paired = missing.map((wanted): [CaseAlert | undefined, CaseAlert | undefined] => {
    const found = left.findIndex(({ resource }) => resource === wanted.resource)
    return [wanted, found < 0 ? undefined : left.splice(found, 1)[0]]
  })
  return [...paired, ...left.map((got): [undefined, CaseAlert] => [undefined, got])]
}

function alertRows(wanted: CaseAlert | undefined, got: CaseAlert | undefined): Row[] {
  const row = (text: (alert: CaseAlert) => string): Row => {
    const [a, b] = [wanted ? text(wanted) : '-', got ? text(got) : '-']
    return [a, b, a !== b]
  }
  const names = new Set([wanted, got].flatMap((alert) => Object.keys(alert?.diffs ?? {})))
  const rows = [row(({ type, resource }) => `${type} ${resource}`)]
  if (wanted && wanted.id !== null) rows.push(row(({ id }) => `  id ${id}`))
  if (wanted?.alsoManagedBy || got?.alsoManagedBy)
    rows.push(row(({ alsoManagedBy }) => `  also managed by ${alsoManagedBy}`))
  for (const name of [...names].sort()) {
    const [a, b] = [wanted?.diffs[name], got?.diffs[name]]
    rows.push([diffText(name, a), diffText(name, b), !sameDiff(a, b)])
  }
  return rows
}

function diffText(name: string, diff: CaseDiff | undefined): string {
  if (diff === undefined) return '  -'
  if (diff === 'hidden') return `  ${name} hidden`
  return `  ${name} ${JSON.stringify(diff[0])} → ${JSON.stringify(diff[1])}`
}

function sideBySide([expected, got, differs]: Row, half: number): string[] {
  const [left, right] = [pieces(expected, half), pieces(got, half)]
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) =>
    `  ${differs && i === 0 ? '!' : ' '} ${(left[i] ?? '').padEnd(half)}  ${right[i] ?? ''}`.trimEnd(),
  )
}

function pieces(text: string, size: number): string[] {
  const found: string[] = []
  for (let at = 0; at < text.length; at += size) found.push(text.slice(at, at + size))
  return found
}
