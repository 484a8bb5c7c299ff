import type { Actor, Provider, RawEvent } from '../../schemas/types.ts'
import type { CloudCall, JsonObject, NoFinding } from '../finding.ts'
import type { Kept } from '../kept-actor.ts'
import { normalizeAzure } from './azure.ts'
import { normalizeCloudTrail, parseRecord } from './cloudtrail.ts'
import { normalizeGcp } from './gcp.ts'

/** How each provider's records become calls. A new provider is one file and one line here. */
const normalizers: Partial<
  Record<Provider, (raw: RawEvent, record: JsonObject, identities?: Kept<Actor>) => CloudCall | NoFinding>
> = {
  aws: normalizeCloudTrail,
  azure: normalizeAzure,
  gcp: normalizeGcp,
}

/** What the envelope alone decides, without parsing the payload. */
export function admitEnvelope(envelope: Pick<RawEvent, 'failed' | 'readOnly'>): NoFinding | null {
  if (envelope.failed) return 'failed'
  return envelope.readOnly === true ? 'read-only' : null
}

/** A raw event as a changing call, or why it cannot lead to drift. Throws if the payload is not a JSON object. */
export function normalize(raw: RawEvent, identities?: Kept<Actor>): CloudCall | NoFinding {
  const dropped = admitEnvelope(raw)
  if (dropped) return dropped
  const normalizer = normalizers[raw.provider]
  return normalizer ? normalizer(raw, parseRecord(raw.payload), identities) : 'unmapped'
}
