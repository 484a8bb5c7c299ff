import type { Mappings } from '../../mappings/index.ts'
import { awsActor } from '../../processors/actor.ts'
import { azureActor } from '../../processors/azure-actor.ts'
import type { CloudCall, JsonObject } from '../../processors/finding.ts'
import { gcpActor } from '../../processors/gcp-actor.ts'
import { parseRecord } from '../../processors/normalize/cloudtrail.ts'
import { readSignal } from '../../processors/normalize/falco.ts'
import { normalize } from '../../processors/normalize/normalize.ts'
import { isObject } from '../../processors/paths.ts'
import type { Actor, AlertType, RawEvent } from '../../schemas/types.ts'
import { whyAdmitted, whyRefused } from './admission.ts'
import { explainCandidates, explainLookups } from './explain-candidates.ts'
import { explainParameters } from './explain-parameters.ts'
import { type End, explainSignal, explainVerdicts } from './explain-verdicts.ts'
import type { ExplainedVerdict, Explanation } from './explanation.ts'
import type { Observed } from './observe.ts'
import { counted } from './words.ts'

/** An event as a call, even one that failed or only reads; null for what is no call. */
export function callOf(raw: RawEvent): CloudCall | null {
  const call = normalize({ ...raw, failed: false, readOnly: false })
  return typeof call === 'string' ? null : call
}

/** Puts together what was observed of an event. `readFrom`: the files and record numbers of all its copies. */
export function explainEvent(
  observed: Observed,
  { mappings, readFrom, end }: { mappings: Mappings; readFrom: string[]; end: End },
): Explanation {
  const { raw, refused, keys } = observed
  const record = parseRecord(raw.payload)
  const call = callOf(raw)
  const reading = { raw, record, call }
  const verdicts = call ? explainVerdicts(observed, call, end) : explainSignal(observed, end)
  const { account, region, provider, service, name } = raw
  return {
    event: {
      id: call?.sourceEvent.id ?? raw.eventId,
      name,
      service,
      provider,
      account,
      region,
      time: new Date(raw.time).toISOString().replace('.000Z', 'Z'),
      actor: actorOf(raw, record),
      readFrom,
    },
    outcome: outcomeOf(verdicts, observed),
    admission: {
      admitted: refused === null,
      because: refused === null ? whyAdmitted(reading) : whyRefused(refused, reading, mappings),
    },
    lookups: explainLookups(keys),
    candidates: explainCandidates(observed),
    verdicts,
    parameters: explainParameters(refused === null ? call : null, mappings, verdicts),
  }
}

function actorOf(raw: RawEvent, record: JsonObject): Actor {
  if (raw.provider === 'azure') return azureActor(record)
  if (raw.provider === 'gcp') return gcpActor(isObject(record.protoPayload) ? record.protoPayload : {})
  return raw.provider === 'falco' ? readSignal(raw).actor : awsActor(record)
}

const noAlert: Record<string, string> = {
  'read-only': 'it only reads',
  failed: 'the call failed',
  'no-effect': 'it changes nothing that Terraform declares',
  unmapped: 'the call is not mapped',
  'operation-end': 'it is the end of a long operation',
  'left-out': 'the record leaves out what was done',
  'as-declared': 'the state says so already',
  ignored: 'an ignore list leaves it out',
  'service-created': 'a service made this for itself',
  unmanaged: 'no state holds the resource',
}

function outcomeOf(verdicts: readonly ExplainedVerdict[], { refused, detection }: Observed): string {
  const alerts = verdicts.flatMap(({ alert, resource }) => (alert ? [{ alert, resource }] : []))
  if (alerts.length === 0) {
    const reason = refused ?? detection?.reason
    return `No alert: ${reason ? noAlert[reason] : "it is Terraform's own call, and a later event has the last word"}.`
  }
  const texts = alerts.map(({ alert, resource }) => {
    const what = resource.address ?? `${resource.type} ${resource.id}`
    const subject = alert.compared ? subjects[alert.type](what) : `change of ${what} that is not compared`
    return `${alert.severity}, ${alert.type === 'signal' ? 'a signal' : subject}, ${alert.status}`
  })
  return `${counted(alerts.length, 'alert')}: ${texts.join('; ')}.`
}

const subjects: Record<AlertType, (what: string) => string> = {
  attribute_drift: (what) => `attribute drift of ${what}`,
  unmanaged_resource: (what) => `unmanaged resource ${what}`,
  resource_deleted: (what) => `deleted resource ${what}`,
  signal: () => 'a signal',
}
