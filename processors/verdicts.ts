import type { AlertStatus, Verdict } from '../schemas/types.ts'

/** Of the verdicts, and what they say together. */
export function lastWord(verdicts: Verdict[]): Pick<AlertStatus, 'verdicts' | 'since'> {
  const differing = verdicts.filter(({ differs }) => differs)
  return { verdicts, since: newest(differing.length > 0 ? differing : verdicts)?.time ?? '' }
}

/** One verdict for each slot, in the order of the slots. */
export function newestVerdicts(all: readonly Verdict[]): Verdict[] {
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

export function newest(verdicts: readonly Verdict[]): Verdict | undefined {
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
