import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Draft } from '../../processors/detect/step.ts'
import { createIgnoring } from '../../processors/ignore.ts'
import { createMatcher, type Matcher, type MatcherOptions } from '../../processors/match.ts'
import type { Rule } from '../../processors/rules/schema.ts'
import type { Logger } from '../../streams/logger.ts'
import type { Metrics } from '../../streams/metrics.ts'
import { formatFault } from '../config/faults.ts'
import type { Problem } from '../health-server.ts'
import { faultlessJudgement, type Judgement, type JudgementFiles, readJudgement } from '../judgement.ts'

/** Rules and ignore lists that follow their files while the service runs. */
export interface LiveJudgement {
  matcher: Matcher
  ignoring: (draft: Draft) => Draft
  /** The rule of this id, as it is now. */
  ruleOf(id: string): Rule | null
  /** Whether what is in use is not what the files say. */
  warnings(): Problem[]
  /** Looks at once. */
  look(): Promise<void>
  stop(): void
}

export interface LiveJudgementOptions {
  files: JudgementFiles
  matching: MatcherOptions
  /** Empties what `matching` keeps of the rules before. */
  forget?: () => void
  /** How often the files are looked at. */
  everyMs: number
  metrics: Pick<Metrics, 'rulesReloadTotal' | 'rulesLoaded' | 'rulesStale'>
  log: Logger
}

/** So many faults are logged each time. */
const MOST_FAULTS = 20

/**
 * Throws if there is any fault at the start. Later on a fault keeps in use what was there, all of it, until the files
 * are mended. What changes is taken over in one go, and between two batches: matching never waits.
 */
export async function startLiveJudgement(options: LiveJudgementOptions): Promise<LiveJudgement> {
  const { files, metrics, log } = options
  let known = await stampOf(files)
  let seen = known
  let current = prepare(faultlessJudgement(files), options.matching)
  let stale: string | null = null
  tell()
  const timer = setInterval(() => void lookInTurn(true), options.everyMs)
  let turn: Promise<void> = Promise.resolve()

  function lookInTurn(patient: boolean): Promise<void> {
    turn = turn.then(() => lookOnce(patient))
    return turn
  }

  /** `patient`: files that are still being written, one after the other, are left to rest until the next look. */
  async function lookOnce(patient: boolean): Promise<void> {
    const stamp = await stampOf(files)
    const rests = stamp === seen
    seen = stamp
    if (stamp === known || (patient && !rests)) return
    known = stamp
    load()
    tell()
  }

  function load(): void {
    const faults = faultsAndSwap()
    stale = faults[0] ?? null
    metrics.rulesReloadTotal.inc({ result: stale === null ? 'loaded' : 'failed' })
    if (stale === null) {
      log.info({ rules: current.rules }, 'the rules have changed, and are in use')
      return
    }
    for (const fault of faults.slice(0, MOST_FAULTS)) log.error({ fault }, 'a fault in the changed rules')
    log.error({ faults: faults.length, rules: current.rules }, 'the rules from before the change stay in use')
  }

  function faultsAndSwap(): string[] {
    try {
      const { faults, ...judgement } = readJudgement(files)
      if (faults.length === 0) {
        options.forget?.()
        current = prepare(judgement, options.matching)
      }
      return faults.map(formatFault)
    } catch (error) {
      return [(error as Error).message]
    }
  }

  function tell(): void {
    metrics.rulesLoaded.set({}, current.rules)
    metrics.rulesStale.set({}, stale === null ? 0 : 1)
  }

  return {
    matcher: (finding) => current.matcher(finding),
    ignoring: (draft) => current.ignoring(draft),
    ruleOf: (id) => current.byId.get(id) ?? null,
    warnings: () =>
      stale === null
        ? []
        : [{ component: 'rules', reason: `those from before the last change are in use: ${stale}` }],
    look: () => lookInTurn(false),
    stop: () => clearInterval(timer),
  }
}

function prepare({ rules, ignores }: Judgement, matching: MatcherOptions) {
  return {
    rules: rules.length,
    matcher: createMatcher(rules, matching),
    ignoring: createIgnoring(ignores),
    byId: new Map(rules.map((rule) => [rule.id, rule])),
  }
}

/** Changes whenever one of the files does: by its place, size, or times. */
async function stampOf({ folders, ignore }: JudgementFiles): Promise<string> {
  const listed = await Promise.all(folders.map(filesIn))
  const stamps = await Promise.all([...listed.flat(), ...ignore].map(stampOfFile))
  return stamps.join('\n')
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort().map((name) => path.join(folder, name))
  } catch {
    // What is wrong with the folder itself is its stamp.
    return [folder]
  }
}

async function stampOfFile(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file)
    return [file, ino, size, mtimeMs, ctimeMs].join(' ')
  } catch (error) {
    return `${file} ${(error as NodeJS.ErrnoException).code}`
  }
}
