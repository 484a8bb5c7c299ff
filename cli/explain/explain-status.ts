import type { Finding } from '../../processors/finding.ts'
import type { Alert, AlertStatus, Verdict } from '../../schemas/types.ts'
import { listed } from './words.ts'

/** A drift after all events, and what each event was. */
interface End extends AlertStatus {
  nameOf(eventId: string): string
}

/** Why an alert has the status that it has after all events of the input. */
export function whyStatus(finding: Finding, { status }: Pick<Alert, 'status'>, last: End): string {
  if (finding.signal) return 'Nothing in the input can set it back: only a person can close it.'
  const later = laterVerdicts(finding, last)
  const back = later.filter(({ differs }) => !differs)
  if (status === 'resolved') return `A later event undid it: ${eventsOf(back, last)}.`
  if (later.length === 0) return `No later event in the input undid it.${lastWord(finding)}`
  if (later.some(({ differs }) => differs)) return `A later event changed it again: ${eventsOf(later, last)}.`
  const still = last.verdicts.filter(({ differs }) => differs)
  return `A later event undid it: ${eventsOf(back, last)}. But the resource still differs elsewhere, by ${eventsOf(still, last)}.`
}

function lastWord({ call }: Finding): string {
  return call.actor.tool === 'terraform'
    ? ' It is a call of Terraform itself: it has the last word here, and the state still differs.'
    : ''
}

/** What spoke after a call of Terraform's own, so that the call itself is no finding. */
export function whyOvertaken(finding: Finding, last: End): string {
  return `It is a call of Terraform itself, and a later event has the last word on what it changed: ${eventsOf(laterVerdicts(finding, last), last)}.`
}

/** The last verdicts on what a finding found different, where they are of other events. */
function laterVerdicts({ verdicts, call }: Finding, last: End): Verdict[] {
  const mine = new Set(verdicts.filter(({ differs }) => differs).map(({ slot }) => slot))
  return last.verdicts.filter(({ slot, eventId }) => mine.has(slot) && eventId !== call.eventId)
}

function eventsOf(verdicts: readonly Verdict[], { nameOf }: End): string {
  return listed([
    ...new Set(verdicts.map(({ eventId, time }) => `${nameOf(eventId)} at ${time} (${eventId})`)),
  ])
}
