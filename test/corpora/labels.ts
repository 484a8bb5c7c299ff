import { createOperations } from '../../cli/detect/operations.ts'
import { type EventReading, readEvents } from '../../connectors/sources/read-events.ts'
import { detect } from '../../processors/detect/detect.ts'
import type { DetectContext } from '../../processors/detect/step.ts'
import type { Json, JsonObject } from '../../processors/finding.ts'
import { namesIn } from '../../processors/identity.ts'
import { normalize } from '../../processors/normalize/normalize.ts'
import { oneForm } from '../../processors/one-form.ts'
import { isObject, readPath } from '../../processors/paths.ts'
import type { RawEvent } from '../../schemas/types.ts'
import { bytesOf, tableOf } from './files.ts'

/** What somebody who knew nothing of the mappings says of a call: what it does, to what, and where its id lies. */
export type Label = Record<
  'cloud' | 'service' | 'event' | 'verdict' | 'terraform_type' | 'id_where' | 'note',
  string
>

export interface Recorded {
  /** FILE:LINE */
  origin: string
  label: Label | undefined
  record: JsonObject
  readings: EventReading[]
}

/** Every record in these files, as the sources read it, with its label. */
export async function recorded(folder: string, files: readonly string[]): Promise<Recorded[]> {
  const labels = new Map(labelled().map((label) => [keyOf(label), label]))
  const all: Recorded[] = []
  for (const file of files) {
    const lines = bytesOf(folder, `${file}.ndjson`).toString().trimEnd().split('\n')
    for (const [index, line] of lines.entries()) {
      const origin = `${file}:${index + 1}`
      const { record: whole } = JSON.parse(line) as { record: JsonObject }
      const readings = await readingsOf(whole, origin)
      const record = isObject(whole.detail) && whole.detail.eventName ? whole.detail : whole
      all.push({ origin, label: labels.get(callOf(folder, record)), record, readings })
    }
  }
  return all
}

/** What the sources make of a record. */
export async function readingsOf(record: JsonObject, origin: string): Promise<EventReading[]> {
  const bytes = Buffer.from(JSON.stringify(record))
  return [...(await readEvents(bytes, { origin, receivedAt: 0, hashKey: Buffer.alloc(32, 7) }))]
}

export function labelled(): Label[] {
  return tableOf<keyof Label>('labels.tsv')
}

export function keyOf({ cloud, service, event }: Pick<Label, 'cloud' | 'service' | 'event'>): string {
  return `${cloud} ${service} ${event}`
}

/** The key of its label; those of Azure have none. */
function callOf(folder: string, record: JsonObject): string {
  if (folder === 'azure') return ''
  const log = isObject(record.protoPayload) ? record.protoPayload : {}
  const isAws = folder === 'cloudtrail'
  const service = String((isAws ? record.eventSource : log.serviceName) ?? '-')
  const event = String((isAws ? record.eventName : log.methodName) ?? '-')
  return keyOf({ cloud: isAws ? 'aws' : 'gcp', service, event })
}

/** Masked, trimmed, or of a call that failed. */
export const NO_IDENTIFIER = 'no record has the identifier'

/**
 * Why the resource of a labelled call is not found: neither its type nor its id need be right for that, nor any state
 * hold it. null: it is. A failed call is taken for a successful one, whose mapping is the same.
 */
export function unfound(label: Label, records: readonly Recorded[], context: DetectContext): string | null {
  const usable = records.filter(({ record }) => identifiersIn(label, record).length > 0)
  if (usable.length === 0) return NO_IDENTIFIER
  const reasons = usable.map((one) => reasonOf(label, one, context)).filter((reason) => reason !== null)
  return reasons[0] ?? null
}

function reasonOf(label: Label, { record, readings }: Recorded, context: DetectContext): string | null {
  const [event] = readings.flatMap((reading) => ('event' in reading ? [joined(reading.event)] : []))
  if (!event) return 'not read as an event'
  const call = normalize({ ...event, failed: false })
  if (typeof call === 'string') return call
  const plan = detect(call, context)
  if (typeof plan === 'string') return plan
  const types = label.terraform_type.split(',')
  const keys = plan.keys.map((key) => key.split('\0')).filter(([type]) => types.includes(type!))
  if (keys.length === 0) return `other types: ${[...new Set(plan.keys.map((key) => key.split('\0')[0]))]}`
  // The account and the region are no part of a name: a resource is looked for within them.
  const isScope = (part: string) => part === event.account || part === event.region
  const found = identifiersIn(label, record).some((parts) =>
    keys.some(([type, ...name]) => parts.every((part) => isScope(part) || names(type!, name.at(-1)!, part))),
  )
  return found ? null : `other names: ${keys.map((key) => key.join(' ')).join(', ')}`
}

/** The only entry of a long operation stands for the whole. */
function joined(event: RawEvent): RawEvent {
  const operations = createOperations()
  return operations.hold(event) ? operations.release()[0]! : event
}

/** Each way to write the id that a record has, in its parts; numbers and booleans tell nothing by themselves. */
function identifiersIn({ id_where }: Label, record: JsonObject): string[][] {
  return id_where.split(' | ').flatMap((where) => {
    const parts = where.split(' + ').map((path) => [readPath(record, path)].flat().filter(isUsable))
    if (parts.some((values) => values.length === 0)) return []
    const texts = parts.map((values) => values.find((value) => typeof value === 'string'))
    return [texts.filter((text) => typeof text === 'string')].filter((list) => list.length > 0)
  })
}

function isUsable(value: Json | undefined): boolean {
  if (typeof value === 'string') return value !== '' && !/^(\.{3}|-)$|redacted|^\*+$/i.test(value)
  return value !== undefined && value !== null
}

/** Does the key hold this part, in one of the forms that the type's names have? */
function names(type: string, key: string, part: string): boolean {
  const forms = type.startsWith('google_')
    ? [oneForm(type, part), part.split('/').at(-1)!]
    : namesIn(part).names
  return forms.some((form) => key.toLowerCase().includes(form.toLowerCase()))
}
