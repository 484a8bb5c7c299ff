import type { Effect } from '../../mappings/format.ts'
import type { Mappings } from '../../mappings/index.ts'
import { didYouMean } from '../../processors/did-you-mean.ts'
import type { CloudCall, Json, JsonObject, NoFinding } from '../../processors/finding.ts'
import { isObject, readPath } from '../../processors/paths.ts'
import type { RawEvent } from '../../schemas/types.ts'
import { quoted } from './words.ts'

export interface Reading {
  raw: RawEvent
  /** The payload. */
  record: JsonObject
  /** null: nothing that could be a changing call, whether it failed or not. */
  call: CloudCall | null
}

/** Which field let the event in. */
export function whyAdmitted({ raw, record }: Reading): string {
  if (raw.provider === 'falco')
    return `It is a finding of Falco that names no cloud resource: an alert by its priority, ${quoted(record.priority)}.`
  const known = `The mappings say what ${raw.name} of ${raw.service} does.`
  if (raw.provider === 'gcp')
    return `It is a call that changes something, and its status is no error. ${known}`
  if (raw.provider === 'azure') return `resultType is ${quoted(record.resultType)}. ${known}`
  const readOnly =
    raw.readOnly === null
      ? 'The record does not say readOnly, its name is not one of a reading call'
      : 'readOnly is false'
  return `${readOnly}, and there is no errorCode. ${known}`
}

/** Which field, or which lack, kept the event from being compared with any state. */
export function whyRefused(reason: NoFinding, reading: Reading, mappings: Mappings): string {
  const { raw } = reading
  switch (reason) {
    case 'read-only':
      return `It only reads: ${readingField(raw)}.`
    case 'failed':
      return `The call failed, so it changed nothing: ${failure(reading)}.`
    case 'unmapped':
      return unmapped(reading, mappings)
    case 'operation-end':
      return 'It is the end of a long operation: what was done stands in the first entry of the same operation, which is an event of its own.'
    case 'left-out':
      return 'CloudTrail left the parameters out, because they are too long (omitted is true), and nothing else in the record names the resource.'
    case 'no-effect':
      return withoutEffect(reading, mappings)
    default:
      return `It was not looked at (${reason}).`
  }
}

function readingField({ readOnly, provider, name }: RawEvent): string {
  if (provider === 'aws' && readOnly === true) return 'readOnly is true'
  const unsaid = provider === 'aws' ? 'the record does not say readOnly, and ' : ''
  return `${unsaid}${name} is the name of a reading call`
}

const failureFields = [
  ['errorCode', 'errorMessage'],
  ['errorMessage'],
  ['protoPayload.status.code', 'protoPayload.status.message'],
] as const

function failure({ raw, record }: Reading): string {
  for (const [field, detail] of failureFields) {
    const value = readPath(record, field)
    if (value === undefined || value === null || value === '') continue
    const more = detail && readPath(record, detail)
    return `${field} is ${quoted(value)}${more ? ` (${quoted(more)})` : ''}`
  }
  if (raw.provider === 'azure') return `resultType is ${quoted(record.resultType)}`
  if (raw.provider === 'gcp') return 'the last entry of this long operation says so'
  return 'responseElements._return is false'
}

function unmapped({ raw, call }: Reading, mappings: Mappings): string {
  const name = call?.name ?? raw.name
  const service = call?.service ?? raw.service
  const calls = mappings.calls().filter((one) => one.service === service)
  if (calls.length === 0)
    return `No call of ${service} is mapped: what ${name} changes in Terraform's terms is not known here.`
  const near = didYouMean(
    name,
    calls.map((one) => one.call),
  )
  const hint = near === null ? '' : ` (The mapped call with the nearest name is ${near}.)`
  return `${name} of ${service} is not mapped: what it changes in Terraform's terms is not known here.${hint}`
}

function withoutEffect({ raw, record, call }: Reading, mappings: Mappings): string {
  if (call === null) return notACall(record)
  const effects = mappings.effects(call.service, call.name) ?? []
  if (effects.length === 0)
    return `The mappings list ${raw.name} among the calls that change nothing that Terraform declares.`
  const paths = [...new Set(effects.map(namingPath))].join(', ')
  return `The record does not name what the call acted on: it has no ${paths}.`
}

function namingPath(effect: Effect): string {
  if (!('id' in effect)) return 'groupId'
  return 'each' in effect && effect.each ? `${effect.each} with ${effect.id}` : effect.id
}

const noCalls: readonly (readonly [path: string, says: (value: Json) => boolean])[] = [
  ['requestParameters.dryRun', (value) => String(value) === 'true'],
  ['protoPayload.request.validateOnly', (value) => value === true],
  ['protoPayload.request.dryRun', (value) => value === true],
  ['eventCategory', (value) => value !== 'Management'],
  ['eventType', () => true],
]

function notACall(record: JsonObject): string {
  for (const [path, says] of noCalls) {
    const value = readPath(record, path)
    if (value !== undefined && says(value))
      return `It changes nothing that Terraform declares: ${path} is ${quoted(value)}.`
  }
  const named = isObject(record.properties) || typeof record.resourceId === 'string'
  return named
    ? 'It changes nothing that Terraform declares.'
    : 'The record names no resource: it has no resourceId.'
}
