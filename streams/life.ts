import { adopt } from '../processors/adopt.ts'
import type { Detection, Plan } from '../processors/detect/detect.ts'
import { endSuppression, expire, expiryOf, type Step } from '../processors/life.ts'
import type { Pipeline } from '../processors/pipeline.ts'
import type { Codec } from '../schemas/codec.ts'
import type { AlertStatus, RawEvent } from '../schemas/types.ts'
import type { OutRecord } from './bus.ts'
import { type LookUps, lookUpRows, type Statuses } from './look-ups.ts'
import { createReporter, type ReportOptions } from './report.ts'

export interface LifeOptions extends Pick<LookUps, 'findRows'>, Omit<ReportOptions, 'pipeline' | 'codecs'> {
  pipeline: Pipeline
  codecs: ReportOptions['codecs'] & { rawEvent: Codec<RawEvent> }
  /** The drifts of a partition of raw-events that are not resolved, in these buckets of all that there are. */
  openDrifts: (partition: number, from: number, to: number) => Promise<AlertStatus[]>
  /** How many buckets there are. */
  buckets: number
  suppressedDrifts: (partition: number) => Promise<AlertStatus[]>
  /** Changes whenever rows of the state do. */
  stateRevision: () => number
  /** After what time a drift expires; null: never. */
  expireAfterMs: number | null
  now: () => Date
}

/** What is known of a partition: a cache, which a restart may lose. */
interface Look {
  /** When something expires, at the earliest. */
  at: number
  /** The revision of the state by which all drifts have been judged, and that of the last tick. */
  judged: number
  seen: number
  sweep: Sweep | null
}

/** A walk over all open drifts, in pieces, so that events do not wait for its end. */
interface Sweep {
  next: number
  revision: number
  /** When the first of those expires that it has come by. */
  earliest: number
}

/** How many buckets are read at once, and how many drifts are enough for one tick. */
const PIECE = 32
const ENOUGH = 500
/** How exactly `expireAfter` is kept: else each drift that expires would have all others read. */
const EXPIRY_LOOKS = 100

/**
 * What befalls drifts without an event of theirs: a suppression is over, they have been open for too long, the state
 * has adopted what the cloud has. To be called for a partition again and again by the one who has it. While the state
 * does not change and nothing is due, it reads the list of suppressed drifts alone.
 */
export function createLife(options: LifeOptions): (partition: number) => Promise<OutRecord[][]> {
  const { pipeline, codecs, buckets, expireAfterMs } = options
  const reporter = createReporter(options)
  const looks = new Map<number, Look>()

  return async function live(partition) {
    const now = options.now()
    const suppressed = await options.suppressedDrifts(partition)
    const ended = suppressed
      .map((row) => endSuppression(row, now))
      .filter(({ row }) => row.status !== 'suppressed')
    // The others are looked at when these have been stored.
    if (ended.length > 0) return publish(ended)
    const look = lookOf(partition)
    if (!isTime(look, now.getTime())) return []
    return publish(await sweep(partition, look, now))
  }

  function lookOf(partition: number): Look {
    // After a start all are judged once: the state may have changed meanwhile.
    const look = looks.get(partition) ?? { at: 0, judged: -1, seen: -1, sweep: null }
    looks.set(partition, look)
    return look
  }

  /** A walk is under way, something is due, or the state has changed and is quiet again: it comes row by row. */
  function isTime(look: Look, now: number): boolean {
    const revision = options.stateRevision()
    const quiet = look.seen === revision
    look.seen = revision
    return look.sweep !== null || now >= look.at || (quiet && look.judged !== revision)
  }

  async function sweep(partition: number, look: Look, now: Date): Promise<Step[]> {
    look.sweep ??= { next: 0, revision: options.stateRevision(), earliest: Number.POSITIVE_INFINITY }
    const walk = look.sweep
    const steps: Step[] = []
    for (let seen = 0; seen < ENOUGH && walk.next < buckets; ) {
      const to = Math.min(buckets, walk.next + PIECE)
      const rows = await options.openDrifts(partition, walk.next, to)
      const judged = look.judged === walk.revision ? rows.map(unchanged) : await judge(rows, now)
      steps.push(...judged.map((step) => aged(step, walk, now)).filter(({ row }, i) => row !== rows[i]))
      seen += rows.length
      walk.next = to
    }
    if (walk.next === buckets) end(look, walk, now.getTime())
    return steps
  }

  function aged(step: Step, walk: Sweep, now: Date): Step {
    const due = expiryOf(step.row, expireAfterMs)
    if (due === null) return step
    if (due <= now.getTime()) return expire(step.row, now)
    walk.earliest = Math.min(walk.earliest, due)
    return step
  }

  function end(look: Look, { revision, earliest }: Sweep, now: number): void {
    look.sweep = null
    look.judged = revision
    const after = expireAfterMs ?? Number.POSITIVE_INFINITY
    // What opens from now on has as long.
    look.at = Math.max(now + after / EXPIRY_LOOKS, Math.min(earliest, now + after))
  }

  /** All look-ups of a piece are made at once. */
  async function judge(rows: readonly AlertStatus[], now: Date): Promise<Step[]> {
    await codecs.rawEvent.prepare(rows.flatMap(({ causes }) => causes.map(({ event }) => event)))
    const planned = rows.map(plansOf)
    const keys = planned.flatMap((plans) => [...plans.values()].flatMap((plan) => plan.keys))
    const found = await lookUpRows(options, keys)
    return rows.map((row, i) => {
      const judged = new Map<string, Detection>()
      for (const [eventId, plan] of planned[i]!) {
        const detection = attempt(() => plan.judge(found))
        if (detection) judged.set(eventId, detection)
      }
      return adopt(row, judged, now)
    })
  }

  /** Of the events that cannot be judged any more, by these filters and mappings, none. */
  function plansOf({ causes }: AlertStatus): Map<string, Plan> {
    const plans = new Map<string, Plan>()
    for (const { eventId, event } of causes) {
      const plan = attempt(() => pipeline.plan(codecs.rawEvent.decodeSync(event)))
      if (plan && typeof plan !== 'string') plans.set(eventId, plan)
    }
    return plans
  }

  async function publish(steps: readonly Step[]): Promise<OutRecord[][]> {
    if (steps.length === 0) return []
    const statuses: Statuses = new Map(steps.map(({ row }) => [row.driftId, row]))
    await codecs.alert.prepare(steps.flatMap(({ repeats }) => repeats.map(({ alert }) => alert)))
    const records = steps.flatMap((step) => reporter.step(step).records)
    return [[...records, ...reporter.statuses(statuses, records)]]
  }
}

function unchanged(row: AlertStatus): Step {
  return { row, repeats: [] }
}

/** What throws was judged without a fault when it came, or became a dead letter. */
function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}
