import type { DetectedFinding } from '../../processors/detect/detect.ts'
import type { Draft } from '../../processors/detect/step.ts'
import type { CloudCall, Finding, NoFinding } from '../../processors/finding.ts'
import { resourceKey } from '../../processors/identity.ts'
import type { Ignored } from '../../processors/ignore-list.ts'
import type { Alert, AlertStatus } from '../../schemas/types.ts'
import { explainComparisons } from './explain-comparison.ts'
import { whyOvertaken, whyStatus } from './explain-status.ts'
import type { ExplainedAlert, ExplainedVerdict, TriedRule } from './explanation.ts'
import type { Observed } from './observe.ts'
import { listed } from './words.ts'

/** What is known after all events of the input. */
export interface End {
  alerts: readonly Alert[]
  status(driftId: string): AlertStatus | undefined
  rules(finding: Finding): TriedRule[]
  /** The name of an event of the input. */
  nameOf(eventId: string): string
}

/** The verdict on each resource that a call touches: what was compared, what came of it, and why. */
export function explainVerdicts(
  { drafts, detection }: Observed,
  call: CloudCall,
  end: End,
): ExplainedVerdict[] {
  const groups = new Map<string, Draft[]>()
  for (const draft of drafts) {
    const key = resourceKey(call, draft.scope, draft.resourceType, draft.id)
    groups.set(key, [...(groups.get(key) ?? []), draft])
  }
  return [...groups].map(([key, group]) => {
    const found = detection?.findings.find(({ finding }) => finding.resourceKey === key)
    const [first] = group as [Draft]
    const row = group.find((draft) => draft.row)?.row
    return {
      resource: { type: first.resourceType, id: first.id, address: row?.address ?? null },
      because: whyVerdict(group, call, found, end),
      comparisons: explainComparisons(group.flatMap(({ comparisons }) => comparisons)),
      ...outcomeOf(found, end),
    }
  })
}

/** A signal is a finding without any draft. */
export function explainSignal({ detection }: Observed, end: End): ExplainedVerdict[] {
  return (detection?.findings ?? []).map((found) => ({
    resource: { type: 'signal', id: found.finding.id, address: null },
    because: 'A signal names no resource, so there is nothing to compare: it is an alert as it comes.',
    comparisons: [],
    ...outcomeOf(found, end),
  }))
}

function outcomeOf(
  found: DetectedFinding | undefined,
  end: End,
): { alert: ExplainedAlert | null; rules: TriedRule[] } {
  const alert = found?.reason === null && end.alerts.find(({ id }) => id === found.finding.id)
  if (!found || !alert) return { alert: null, rules: [] }
  const { id, driftId, type, severity, status, compared } = alert
  const because = whyStatus(found.finding, alert, { ...end.status(driftId)!, nameOf: end.nameOf })
  return {
    alert: { id, driftId, type, severity, status, compared, because },
    rules: end.rules(found.finding),
  }
}

function whyVerdict(
  drafts: readonly Draft[],
  call: CloudCall,
  found: DetectedFinding | undefined,
  end: End,
): string {
  const alerts = drafts.filter(({ reason }) => reason === null)
  const sentences = (alerts.length > 0 ? alerts : drafts).map((draft) => whyDraft(draft, call))
  return [...new Set([...sentences, ...aftermath(found, end)])].join(' ')
}

/** What later events made of Terraform's own call, and what this one made of earlier alerts. */
function aftermath(found: DetectedFinding | undefined, end: End): string[] {
  if (!found) return []
  const { finding, reason } = found
  const last = end.status(finding.driftId)
  if (!last) return []
  const isReported = end.alerts.some(({ id }) => id === finding.id)
  if (reason === null && !isReported) return [whyOvertaken(finding, { ...last, nameOf: end.nameOf })]
  const earlier = end.alerts.filter(({ driftId, id }) => driftId === finding.driftId && id !== finding.id)
  const hasLastWord = last.verdicts.some(({ eventId }) => eventId === finding.call.eventId)
  if (reason === null || last.status !== 'resolved' || earlier.length === 0 || !hasLastWord) return []
  const events = earlier.map(({ sourceEvent }) => `${sourceEvent.name} (${sourceEvent.id})`)
  return [`It set back what an earlier event had changed, and so resolved the alert of ${listed(events)}.`]
}

function whyDraft(draft: Draft, call: CloudCall): string {
  const { reason, row, childType, ignored = [] } = draft
  const held =
    row && childType
      ? ` (The call is about a child of type ${childType}; this resource holds its children in an attribute of its own.)`
      : ''
  const said = reason === null ? whyAlert(draft, call) : whyNone(draft, reason, call)
  return `${[said, ...ignored.map(whyIgnored)].filter(Boolean).join(' ')}${held}`
}

function whyIgnored({ attribute, by: { file, line, text } }: Ignored): string {
  return `${attribute ?? 'It'} differs from the state, but is ignored: ${text} (${file}:${line}).`
}

function whyAlert({ type, compared, comparisons }: Draft, call: CloudCall): string {
  if (type === 'resource_deleted') return 'The call deleted it, and the state still holds it.'
  if (type === 'unmanaged_resource')
    return 'The call created it, and no state holds it. The settings of what is created are not compared.'
  if (!compared)
    return `${call.sourceEvent.name} changed it, ${call.request.unseen === true ? 'and the record does not tell how' : 'in a way that is not compared'}: detect prints this only with --uncompared.`
  const differing = comparisons.filter(({ equal }) => !equal)
  const attributes = [...new Set(differing.map(({ attribute }) => attribute))]
  return `What the call set differs from the state: ${listed(attributes)}.`
}

function whyNone({ row, comparisons }: Draft, reason: NoFinding, call: CloudCall): string {
  switch (reason) {
    case 'unmanaged':
      return 'No state holds it, so there is nothing that it could differ from. Of resources in no state only the creation is an alert.'
    case 'ignored':
      return ''
    case 'service-created':
      return `No state holds it, but ${call.actor.name} is a service, which made it for itself.`
    case 'as-declared':
      if (comparisons.some(({ attribute }) => attribute !== ''))
        return 'What the call set is what the state says.'
      return row
        ? 'The call created it, and the state holds it already.'
        : 'Only instances that Terraform has replaced went with the call.'
    default:
      return 'The call set nothing that Terraform declares.'
  }
}
