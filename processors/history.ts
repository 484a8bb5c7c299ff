import type { AlertStatus, PastChange, RecordedChange } from '../schemas/types.ts'
import type { Finding } from './finding.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const SHOWN_MS = 7 * DAY_MS
/** An event may come as late as raw-events keeps it, and is then told the seven days before itself. */
const KEPT_MS = SHOWN_MS + 7 * DAY_MS
const MOST_SHOWN = 20
const MOST_KEPT = 100
const MOST_ATTRIBUTES = 10

type History = AlertStatus['history']

/**
 * Folds a finding into the changes of its resource: whatever left a diff, and what Terraform did, settled or not. The
 * newest come first, each event once, in whatever order they arrive; what is older than any event to come can be told
 * of, goes.
 */
export function foldHistory(history: History, finding: Finding): History {
  const change = changeOf(finding)
  if (change === null) return history
  const known = history.find(({ eventId }) => eventId === change.eventId)
  if (known && !tellsMore(change, known)) return history
  const all = history.filter((one) => one !== known)
  const at = all.findIndex((one) => newestFirst(change, one) < 0)
  all.splice(at === -1 ? all.length : at, 0, change)
  const since = all[0]!.time - KEPT_MS
  return all.filter(({ time }) => time >= since).slice(0, MOST_KEPT)
}

/** What an alert of an event at that time tells: the changes of the seven days before it. */
export function historyBefore(history: History, eventTime: number): PastChange[] {
  return history
    .filter(({ time }) => time < eventTime && time >= eventTime - SHOWN_MS)
    .slice(0, MOST_SHOWN)
    .map(({ time, actor, event, attributes }) => ({ time: instant(time), actor, event, attributes }))
}

function changeOf({ resource, type, compared, diffs, verdicts, call }: Finding): RecordedChange | null {
  if (resource === null) return null
  const differs = diffs.length > 0 || type !== 'attribute_drift' || !compared
  if (!differs && call.actor.tool !== 'terraform') return null
  const attributes = diffs.map(({ attribute }) => attribute)
  // What has settled is as the state says, and differs no more: the verdicts tell what it was about.
  const settled = () => verdicts.map(({ slot }) => slot.replace(/#.*$/s, '')).filter((slot) => !isWhole(slot))
  return {
    eventId: call.eventId,
    time: call.time,
    actor: call.actor.name,
    event: call.sourceEvent.name,
    attributes: [...new Set(differs ? attributes : settled())].slice(0, MOST_ATTRIBUTES),
  }
}

/** Slots that are no attribute. */
function isWhole(slot: string): boolean {
  return slot === 'resource' || slot.startsWith('call:')
}

/** Two accounts' records of one call name who made it differently, and a newer state may see more in it. */
function tellsMore(one: RecordedChange, known: RecordedChange): boolean {
  const more = one.attributes.length - known.attributes.length
  // Of names in lower case and ids in capitals, the names are the greater ones.
  return more === 0 ? textOf(one) > textOf(known) : more > 0
}

function textOf({ time, actor, event, attributes }: RecordedChange): string {
  return JSON.stringify([actor, time, event, attributes])
}

function newestFirst(a: RecordedChange, b: RecordedChange): number {
  return b.time - a.time || (a.eventId < b.eventId ? 1 : a.eventId > b.eventId ? -1 : 0)
}

function instant(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}
