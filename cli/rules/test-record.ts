import { createHash } from 'node:crypto'
import type { JsonObject } from '../../processors/finding.ts'
import { type CaseProvider, fillEnvelope } from '../mappings/envelope.ts'

/** The whole record of an event in a rule's test; whose log it is from is told by its fields. */
export function testRecord(event: JsonObject, place: { seed: string; index: number }): JsonObject {
  if ('rule' in event) return falcoRecord(event, place)
  return fillEnvelope(providerOf(event), event, place)
}

function providerOf(event: JsonObject): CaseProvider {
  if ('protoPayload' in event) return 'gcp'
  return 'eventName' in event ? 'aws' : 'azure'
}

function falcoRecord(event: JsonObject, { seed, index }: { seed: string; index: number }): JsonObject {
  const hex = createHash('sha256').update(`${seed}\n${index}`).digest('hex')
  return {
    uuid: hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5'),
    time: '2026-03-02T10:15:30.123456789Z',
    hostname: 'node-1',
    source: 'syscall',
    priority: 'Warning',
    output: String(event.rule),
    tags: [],
    ...event,
    output_fields: event.output_fields ?? { 'evt.type': 'execve', 'user.name': 'root' },
  }
}
