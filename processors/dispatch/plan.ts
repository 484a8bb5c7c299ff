import type { HeldAlert, Severity } from '../../schemas/types.ts'
import { compareSeverity, severities } from '../severity.ts'
import type { SinkPolicy } from './policy.ts'
import { isQuiet } from './quiet-hours.ts'

/** What the plan has to know of an alert that waits. */
export type Held = Pick<
  HeldAlert,
  'alertId' | 'driftId' | 'status' | 'severity' | 'cause' | 'since' | 'place'
>

/** What is to be sent together. Where a sink takes fewer at a time, the first go first. */
export interface Message<H extends Held = Held> {
  /** alone: each by itself. group: of one cause. digest: what a limit has held back. */
  kind: 'alone' | 'group' | 'digest'
  severity: Severity
  /** Exempt from limits: a critical alert, and what must go before it. */
  urgent: boolean
  held: H[]
}

export interface Plan<H extends Held = Held> {
  /** In the order in which they are to be sent. */
  messages: Message<H>[]
  /** When to look again, though nothing has come: a group is complete, or quiet hours may be over. */
  lookAt: number
}

/** Quiet hours begin and end with a minute. */
const MINUTE = 60_000

/**
 * What of all that waits for a sink may go out, and in which order: critical, high, medium, low; the oldest first; within
 * a drift never a later one before an earlier. `room`: how many messages of a severity its limits allow now.
 */
export function plan<H extends Held>(
  held: readonly H[],
  policy: SinkPolicy,
  now: number,
  room: (severity: Severity) => number,
): Plan<H> {
  const sorted = [...held].sort(byAge)
  const { messages, rest } = urgent(sorted)
  if (rest.length === 0) return { messages, lookAt: Number.POSITIVE_INFINITY }
  if (isQuiet(policy.quiet, now)) return { messages, lookAt: (Math.floor(now / MINUTE) + 1) * MINUTE }
  const units = [...unitsOf(rest, policy)]
  const readyAt = new Map(units.map((unit) => [unit, readyTime(unit, policy)]))
  const ready = units.filter((unit) => readyAt.get(unit)! <= now)
  const later = units.filter((unit) => readyAt.get(unit)! > now).map((unit) => readyAt.get(unit)!)
  for (const severity of severities) {
    const ofIt = ready.filter((unit) => worst(unit) === severity)
    messages.push(...messagesOf(ofIt, severity, policy, room(severity)))
  }
  return { messages, lookAt: Math.min(Number.POSITIVE_INFINITY, ...later) }
}

/** Takes out critical alerts that wait behind others of their drift, with these: they go at once. */
function urgent<H extends Held>(sorted: readonly H[]): { messages: Message<H>[]; rest: H[] } {
  const drifts = new Set(sorted.flatMap(({ severity, driftId }) => (severity === 'critical' ? driftId : [])))
  if (drifts.size === 0) return { messages: [], rest: [...sorted] }
  const messages: Message<H>[] = []
  const rest = sorted.filter(({ driftId }) => !drifts.has(driftId))
  for (const driftId of drifts) {
    const own = sorted.filter((one) => one.driftId === driftId)
    const end = own.findLastIndex(({ severity }) => severity === 'critical') + 1
    messages.push({ kind: 'alone', severity: 'critical', urgent: true, held: own.slice(0, end) })
    rest.push(...own.slice(end))
  }
  return { messages, rest: rest.sort(byAge) }
}

/**
 * Alerts by cause, or by drift where nothing is grouped. What a drift has waiting stays together, under the cause of the
 * first: it cannot be overtaken by its own later part then.
 */
function unitsOf<H extends Held>(sorted: readonly H[], { group }: SinkPolicy): Iterable<H[]> {
  const units = new Map<string, H[]>()
  const unitOf = new Map<string, string>()
  for (const one of sorted) {
    const name = unitOf.get(one.driftId) ?? (group ? one.cause : one.driftId)
    unitOf.set(one.driftId, name)
    const unit = units.get(name)
    if (unit) unit.push(one)
    else units.set(name, [one])
  }
  return units.values()
}

function readyTime(unit: readonly Held[], { group }: SinkPolicy): number {
  if (!group) return unit[0]!.since
  return Math.min(unit[0]!.since + group.windowMs, unit.at(-1)!.since + group.waitMs)
}

function messagesOf<H extends Held>(
  units: readonly H[][],
  severity: Severity,
  { group, digestOver }: SinkPolicy,
  room: number,
): Message<H>[] {
  if (digestOver !== null && units.length > digestOver && units.length > room) {
    return [{ kind: 'digest', severity, urgent: false, held: units.flat() }]
  }
  return units.map((held) => ({
    kind: group && held.length > 1 ? 'group' : 'alone',
    severity,
    urgent: false,
    held,
  }))
}

function worst(unit: readonly Held[]): Severity {
  return unit.map(({ severity }) => severity).sort(compareSeverity)[0]!
}

function byAge(a: Held, b: Held): number {
  return (
    a.since - b.since || a.place - b.place || (a.alertId < b.alertId ? -1 : a.alertId > b.alertId ? 1 : 0)
  )
}
