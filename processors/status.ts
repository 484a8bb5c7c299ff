import type { AlertStatus, Announcement, Verdict } from '../schemas/types.ts'
import type { Finding } from './finding.ts'
import { foldHistory } from './history.ts'

export interface Folded {
  row: AlertStatus
  /** How this finding is announced: as a new drift, or as a change to one that is open already. */
  status: 'open' | 'changed'
  /** False where all verdicts are equal: nothing to announce, though the drift may be resolved by it. */
  published: boolean
}

const rememberedAlerts = 200

/**
 * Folds a finding into the status of its drift. The drift is open while the newest verdict (by event time, then
 * event id) on any slot differs, so status and verdicts do not depend on the order of arrival. The same event
 * again replaces its verdict: it may have been judged by a newer state.
 */
export function foldStatus(row: AlertStatus | null, finding: Finding): Folded {
  const verdicts = newestVerdicts([...(row?.verdicts ?? []), ...finding.verdicts])
  const differing = verdicts.filter(({ differs }) => differs)
  const decided = newest(differing.length > 0 ? differing : verdicts)
  const published = finding.diffs.length > 0 || finding.type !== 'attribute_drift' || !finding.compared
  const alerts = row?.alerts ?? []
  const known = alerts.find(({ id }) => id === finding.id)
  const status = known
    ? known.status === 'changed'
      ? 'changed'
      : 'open'
    : row?.status === 'open'
      ? 'changed'
      : 'open'
  return {
    row: {
      driftId: finding.driftId,
      resourceKey: finding.resourceKey,
      address: finding.resource?.address ?? row?.address ?? null,
      status: differing.length > 0 ? 'open' : 'resolved',
      since: decided?.time ?? finding.call.sourceEvent.time,
      verdicts,
      history: foldHistory(row?.history ?? [], finding),
      alerts: published && !known ? appended(alerts, { id: finding.id, status }) : alerts,
    },
    status,
    published,
  }
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
export function foldSetBacks(row: AlertStatus | null, finding: Finding): AlertStatus | null {
  const verdicts = finding.verdicts.filter(({ differs }) => !differs)
  const folded =
    verdicts.length === 0
      ? row
      : foldStatus(row, { ...finding, type: 'attribute_drift', compared: true, diffs: [], verdicts }).row
  return folded && { ...folded, history: foldHistory(row?.history ?? [], finding) }
}

function appended(alerts: readonly Announcement[], announcement: Announcement): Announcement[] {
  return [...alerts, announcement].slice(-rememberedAlerts)
}

/** One verdict for each slot, in the order of the slots. */
function newestVerdicts(all: readonly Verdict[]): Verdict[] {
  const bySlot = new Map<string, Verdict>()
  for (const verdict of all) {
    const known = bySlot.get(verdict.slot)
    if (!known || replaces(verdict, known)) bySlot.set(verdict.slot, verdict)
  }
  return [...bySlot.values()].sort((a, b) => (a.slot < b.slot ? -1 : 1))
}

/**
 * The same event judged again, or a newer one. At one instant the cause comes first, and CloudTrail counts whole seconds:
 * what no state holds can only go after it came, and what a state holds can only come after it went.
 */
function replaces(verdict: Verdict, known: Verdict): boolean {
  const { slot, differs, eventId, time } = verdict
  const atOnce = eventId !== known.eventId && Date.parse(time) === Date.parse(known.time)
  if (atOnce && slot === 'resource' && differs !== known.differs) return !differs
  return compareEvents(verdict, known) >= 0
}

function newest(verdicts: readonly Verdict[]): Verdict | undefined {
  return verdicts.reduce<Verdict | undefined>(
    (best, verdict) => (best && compareEvents(best, verdict) >= 0 ? best : verdict),
    undefined,
  )
}

/** Times are compared as instants: one event says 10:00:01Z, another 10:00:01.5Z. */
function compareEvents(a: Pick<Verdict, 'time' | 'eventId'>, b: Pick<Verdict, 'time' | 'eventId'>): number {
  return (
    Date.parse(a.time) - Date.parse(b.time) || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0)
  )
}
