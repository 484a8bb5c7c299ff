import type { AlertState, AlertStatus, Announcement, StatusChange, Verdict } from '../schemas/types.ts'
import type { Finding } from './finding.ts'
import { foldHistory } from './history.ts'
import { advance, driftState, type Step } from './life.ts'
import { transitions } from './transitions.ts'
import { lastWord, newest, newestVerdicts } from './verdicts.ts'

/** A drift after a finding. */
export interface Folded extends Step {
  /** How the finding's own alert is told; null where all verdicts are equal: nothing to announce. */
  own: OwnAlert | null
}

export interface OwnAlert {
  /** The status that it begins with, the same in every repetition. */
  status: AlertState
  change: StatusChange | null
  /** What has become of it since. */
  later: { status: AlertState; change: StatusChange | null } | null
}

/** Where a finding comes from: what is needed to go on with its drift later. */
export interface Origin {
  /** The key of raw-events that the event came under. */
  eventKey: string
  /** The value of raw-events; null where a newer state would say nothing else of it. */
  event: Buffer | null
  now: Date
}

const rememberedAlerts = 200
/** Of a drift's events, the newest that may be judged again. */
const KEPT_CAUSES = { count: 50, bytes: 1 << 20 }
/** Of a drift's alerts, the newest that later statuses repeat. */
const KEPT_ALERTS = { count: 50, bytes: 1 << 20 }

/**
 * Folds a finding into the status of its drift. The drift differs while the newest verdict (by event time, then event
 * id) on any slot does, so what the events alone make of it does not depend on the order of arrival. The same event
 * again replaces its verdict, since it may have been judged by a newer state, and announces nothing anew.
 */
export function foldStatus(before: AlertStatus | null, finding: Finding, origin?: Origin): Folded {
  const row = before ?? unheardOf(finding)
  const verdicts = newestVerdicts([...row.verdicts, ...finding.verdicts])
  const differs = verdicts.some((one) => one.differs)
  const isKnown = row.alerts.some(({ id }) => id === finding.id)
  const isAlert = finding.diffs.length > 0 || finding.type !== 'attribute_drift' || !finding.compared
  const folded: AlertStatus = {
    ...row,
    ...lastWord(verdicts),
    address: finding.resource?.address ?? row.address,
    eventKey: origin?.eventKey ?? row.eventKey,
    causes: causesOf(row, verdicts, finding, origin),
    history: foldHistory(row.history, finding),
  }
  const told = isAlert && !isKnown ? withAlert(folded, finding.id, origin) : folded
  const step = differs ? reopened(told) : setBack(told, finding, before)
  return { ...step, own: isAlert ? ownAlert(step.row, finding.id) : null }
}

function unheardOf({ driftId, resourceKey, call }: Finding): AlertStatus {
  return {
    driftId,
    resourceKey,
    address: null,
    status: 'resolved',
    since: call.sourceEvent.time,
    verdicts: [],
    alerts: [],
    change: null,
    toldAt: null,
    eventKey: null,
    causes: [],
    commands: [],
    history: [],
  }
}

/** The drift with one more alert. */
function withAlert(row: AlertStatus, id: string, origin: Origin | undefined): AlertStatus {
  const status = transitions[row.status].drifted!
  const change = status === 'suppressed' ? row.change : null
  const alert: Announcement = { id, status, first: null, change, alert: null }
  return {
    ...row,
    status: driftState(status),
    change,
    alerts: [...row.alerts, alert].slice(-rememberedAlerts),
    toldAt: origin ? origin.now.getTime() : row.toldAt,
  }
}

/** What has been told already differs again by another state: it is open, without a word. */
function reopened(row: AlertStatus): Step {
  const isOpen = row.status !== 'resolved'
  return { row: isOpen ? row : { ...row, status: 'open', change: null }, repeats: [] }
}

/** Nothing differs any more, by this event or, if it is a late one, by a newer. */
function setBack(row: AlertStatus, { call }: Finding, before: AlertStatus | null): Step {
  const { sourceEvent, actor, eventId } = call
  const isLate = before?.status === 'resolved' && newest(row.verdicts)?.eventId !== eventId
  const known = isLate ? before.change : { at: sourceEvent.time, actor: actor.name, reason: sourceEvent.name }
  const nobody = { at: row.since, actor: null, reason: null }
  const change: StatusChange = { by: 'event', until: null, ...(known ?? nobody) }
  const step = advance(row, 'set back', change)
  return { ...step, row: { ...step.row, change } }
}

function ownAlert({ alerts }: AlertStatus, id: string): OwnAlert {
  const { status, first, change } = alerts.find((one) => one.id === id)!
  return first === null
    ? { status, change, later: null }
    : { status: first, change: null, later: { status, change } }
}

/** Keeps an alert as it was announced, so that a later status can repeat it. */
export function keepAlert(row: AlertStatus, id: string, alert: Buffer): AlertStatus {
  const alerts = row.alerts.map((one) =>
    one.id === id && one.status !== 'resolved' ? { ...one, alert } : one,
  )
  const kept = new Set(newestWithin(alerts, (one) => one.alert?.length ?? 0, KEPT_ALERTS))
  return { ...row, alerts: alerts.map((one) => (kept.has(one) ? one : { ...one, alert: null })) }
}

/** The events that have the last word on something that differs. */
function causesOf(
  row: AlertStatus,
  verdicts: readonly Verdict[],
  { call }: Finding,
  origin: Origin | undefined,
): AlertStatus['causes'] {
  const deciding = new Set(verdicts.filter(({ differs }) => differs).map(({ eventId }) => eventId))
  const others = row.causes.filter(({ eventId }) => eventId !== call.eventId || !origin?.event)
  const all = origin?.event ? [...others, { eventId: call.eventId, event: origin.event }] : others
  const wanted = all.filter(({ eventId }) => deciding.has(eventId))
  return newestWithin(wanted, ({ event }) => event.length, KEPT_CAUSES)
}

function newestWithin<T>(
  list: readonly T[],
  bytesOf: (one: T) => number,
  most: { count: number; bytes: number },
): T[] {
  let bytes = 0
  let count = 0
  const kept = [...list].reverse().filter((one) => {
    const size = bytesOf(one)
    if (size === 0) return true
    bytes += size
    count++
    return count <= most.count && bytes <= most.bytes
  })
  return kept.reverse()
}

/**
 * Have later events the last word on all that the finding says differs? A child that nobody holds goes with its parent,
 * without a call of its own.
 */
export function isOvertaken(finding: Finding, statusOf: (driftId: string) => AlertStatus | null): boolean {
  const { call, driftId, verdicts, type, parentDriftIds = [] } = finding
  const mine = new Set(verdicts.filter(({ differs }) => differs).map(({ slot }) => slot))
  const lasts = statusOf(driftId)?.verdicts ?? []
  if (!lasts.some(({ slot, eventId }) => mine.has(slot) && eventId === call.eventId)) return true
  const { time } = call.sourceEvent
  return (
    type === 'unmanaged_resource' &&
    parentDriftIds.some((id) => {
      const parent = statusOf(id)
      const last = parent?.verdicts.find(({ slot }) => slot === 'resource')
      if (!parent || !last || last.differs) return false
      const later = Date.parse(last.time) - Date.parse(time)
      // At one instant a child came after its parent was made, and before that was deleted.
      return later > 0 || (later === 0 && parent.address === null)
    })
  )
}

/** Folds only what a finding says is as the state has it: of the rest later events decide, and it is no alert. */
export function foldSetBacks(row: AlertStatus | null, finding: Finding, origin: Origin): Folded | null {
  const verdicts = finding.verdicts.filter(({ differs }) => !differs)
  const history = foldHistory(row?.history ?? [], finding)
  if (verdicts.length === 0) return row && { row: { ...row, history }, repeats: [], own: null }
  const only = { ...finding, type: 'attribute_drift' as const, compared: true, diffs: [], verdicts }
  const folded = foldStatus(row, only, origin)
  return { ...folded, row: { ...folded.row, history } }
}
