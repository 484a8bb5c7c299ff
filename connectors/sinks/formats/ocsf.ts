import { isIP } from 'node:net'
import type { AlertState, Severity } from '../../../schemas/types.ts'
import type { AlertJson } from '../../alert-json.ts'
import { subject } from './subject.ts'

type Code = readonly [id: number, caption: string]

const CLASS_UID = 2004

const severities: Record<Severity, Code> = {
  info: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
}

const create: Code = [1, 'Create']
const update: Code = [2, 'Update']
const close: Code = [3, 'Close']

const lifeCycle: Record<AlertState, { activity: Code; status: Code }> = {
  open: { activity: create, status: [1, 'New'] },
  changed: { activity: update, status: [1, 'New'] },
  acknowledged: { activity: update, status: [2, 'In Progress'] },
  suppressed: { activity: update, status: [3, 'Suppressed'] },
  expired: { activity: close, status: [5, 'Archived'] },
  resolved: { activity: close, status: [4, 'Resolved'] },
}

const providers: Record<string, { name: string; accountType: Code }> = {
  aws: { name: 'AWS', accountType: [10, 'AWS Account'] },
  gcp: { name: 'GCP', accountType: [11, 'GCP Project'] },
  azure: { name: 'Azure', accountType: [13, 'Azure Subscription'] },
}

/** One OCSF 1.8.0 Detection Finding (class 2004) a line; finding_info.uid is the alert's id, unmapped.tfdrift the alert. */
export function ocsf(alerts: readonly AlertJson[]): string {
  return alerts.map((alert) => `${JSON.stringify(detectionFinding(alert))}\n`).join('')
}

function detectionFinding(alert: AlertJson): object {
  const { activity, status } = lifeCycle[alert.status]
  const [severityId, severity] = severities[alert.severity]
  return {
    category_uid: 2,
    category_name: 'Findings',
    class_uid: CLASS_UID,
    class_name: 'Detection Finding',
    activity_id: activity[0],
    activity_name: activity[1],
    type_uid: CLASS_UID * 100 + activity[0],
    type_name: `Detection Finding: ${activity[1]}`,
    severity_id: severityId,
    severity,
    status_id: status[0],
    status: status[1],
    is_alert: activity !== close && alert.status !== 'suppressed',
    time: Date.parse(alert.detectedAt),
    start_time: Date.parse(alert.sourceEvent.time),
    message: alert.message,
    metadata: metadata(alert),
    ...cloud(alert),
    finding_info: findingInfo(alert),
    ...resources(alert),
    evidences: [evidence(alert)],
    ...remediation(alert),
    unmapped: { tfdrift: alert },
  }
}

function metadata(alert: AlertJson): object {
  return {
    version: '1.8.0',
    ...(alert.resource && { profiles: ['cloud'] }),
    product: { name: 'TFDrift Streams', vendor_name: 'TFDrift' },
    log_name: 'tfdrift.alerts',
    uid: `${alert.id}:${alert.status}`,
    original_event_uid: alert.sourceEvent.id,
    correlation_uid: alert.driftId,
  }
}

function cloud({ resource }: AlertJson): object {
  if (!resource) return {}
  const known = providers[resource.provider]
  const type = known && { type_id: known.accountType[0], type: known.accountType[1] }
  return {
    cloud: {
      provider: known?.name ?? resource.provider,
      region: resource.region,
      account: { uid: resource.account, ...type },
    },
  }
}

function findingInfo(alert: AlertJson): object {
  const kind = alert.type.replaceAll('_', ' ')
  const rules = alert.matchedRules.map(({ id, name }) => ({ type_id: 1, type: 'Rule', uid: id, name }))
  // Of a signal Falco's own rule is what found it.
  const found = alert.type === 'signal' ? { name: alert.sourceEvent.name } : { uid: alert.type, name: kind }
  const [analytic = { type_id: 1, type: 'Rule', ...found }, ...others] = rules
  return {
    uid: alert.id,
    title: `${kind}: ${subject(alert)}`,
    desc: alert.message,
    types: [alert.type],
    created_time: Date.parse(alert.detectedAt),
    data_sources: [alert.sourceEvent.source],
    analytic,
    ...(others.length > 0 && { related_analytics: others }),
  }
}

function resources({ resource, resourceTags, owner }: AlertJson): object {
  if (!resource) return {}
  const { address, name, id, arn, type, region, state, alsoManagedBy } = resource
  const tags = Object.entries(resourceTags).map(([name, value]) => ({ name, value }))
  return {
    resources: [
      {
        uid: arn ?? id,
        ...(arn && { uid_alt: id }),
        name: address ?? name ?? id,
        type,
        region,
        ...(owner !== null && { owner: { name: owner } }),
        ...(tags.length > 0 && { tags }),
        data: { address, state, alsoManagedBy },
      },
    ],
  }
}

function evidence({ type, actor, sourceEvent, compared, diffs }: AlertJson): object {
  const account = actor.account ? { account: { uid: actor.account } } : {}
  const session = {
    ...(actor.sessionIssuer && { issuer: actor.sessionIssuer }),
    ...(actor.mfa !== null && { is_mfa: actor.mfa }),
  }
  return {
    actor: {
      user: {
        name: actor.name || 'unknown',
        ...((actor.arn || actor.principalId) && { uid: actor.arn || actor.principalId }),
        ...(actor.email && { email_addr: actor.email }),
        ...(actor.type && { type: actor.type, type_id: 99 }),
        ...account,
      },
      ...(Object.keys(session).length > 0 && { session }),
      ...(actor.tool !== 'unknown' && { app_name: actor.tool }),
    },
    ...(type !== 'signal' && { api: api(sourceEvent) }),
    ...(actor.sourceIp && { src_endpoint: endpoint(actor.sourceIp) }),
    data: type === 'signal' ? { compared, ...sourceEvent } : { compared, diffs },
  }
}

function api({ name, source, id }: AlertJson['sourceEvent']): object {
  return { operation: name, ...(source && { service: { name: source } }), request: { uid: id } }
}

/** CloudTrail's source address is a service's name where a service called. */
function endpoint(source: string): object {
  return isIP(source) ? { ip: source } : { svc_name: source }
}

function remediation({ remediation, revertCommand, runbookUrl }: AlertJson): object {
  const steps = revertCommand ? [...remediation, revertCommand] : remediation
  if (steps.length === 0 && !runbookUrl) return {}
  return {
    remediation: {
      desc: steps.join('\n') || 'See the runbook.',
      ...(runbookUrl && { references: [runbookUrl] }),
    },
  }
}
