import type { SchemaName } from '../schemas/index.ts'

/** One topic: who writes it, who reads it, under which key. The whole system in one table. */
export interface TopicSpec {
  /** Name without the prefix. */
  name: TopicName
  /** null: the value is the original bytes, sealed. */
  schema: SchemaName | null
  cleanup: 'delete' | 'compact'
  key: string
  writers: string[]
  readers: string[]
  /** Where a record may be larger than the 1 MiB that Kafka takes unless told otherwise. */
  maxMessageBytes?: number
  /** Days that records are kept; compacted topics keep the newest of each key for ever. */
  retentionDays?: number
}

export type TopicName =
  | 'raw-events'
  | 'state-snapshot'
  | 'diffs'
  | 'matches'
  | 'alerts'
  | 'alert-status'
  | 'deliveries'
  | 'pending-changes'
  | 'counted-matches'
  | 'count-windows'
  | 'outbox'
  | 'dead-letters'

const MIB = 2 ** 20
/** The values of a row, as they were and as they are. */
const TWO_ROWS = 16 * MIB

export const topology: readonly TopicSpec[] = [
  {
    name: 'raw-events',
    schema: 'raw-event',
    cleanup: 'delete',
    key: 'aws/ACCOUNT/REGION, gcp/PROJECT, azure/SUBSCRIPTION, falco/HOST',
    writers: ['sources'],
    readers: ['processor'],
    retentionDays: 7,
  },
  {
    name: 'state-snapshot',
    schema: 'state-snapshot',
    cleanup: 'compact',
    key: 'LINEAGE|ADDRESS, __sync|LINEAGE, __sync|lock|SOURCE',
    writers: ['terraform-state'],
    readers: ['processor (Table)'],
    maxMessageBytes: 8 * MIB,
  },
  {
    name: 'diffs',
    schema: 'diff',
    cleanup: 'delete',
    key: 'resource key',
    writers: ['processor', 'counter'],
    readers: [],
    maxMessageBytes: TWO_ROWS,
    retentionDays: 30,
  },
  {
    name: 'matches',
    schema: 'match',
    cleanup: 'delete',
    key: 'resource key',
    writers: ['processor', 'counter'],
    readers: [],
    retentionDays: 30,
  },
  {
    name: 'alerts',
    schema: 'alert',
    cleanup: 'delete',
    key: 'resource key',
    writers: ['processor', 'counter'],
    readers: ['sinks'],
    maxMessageBytes: TWO_ROWS,
    retentionDays: 30,
  },
  {
    name: 'alert-status',
    schema: 'alert-status',
    cleanup: 'compact',
    key: 'drift id',
    writers: ['processor', 'counter'],
    readers: ['processor (Table)'],
    maxMessageBytes: TWO_ROWS,
  },
  {
    name: 'deliveries',
    schema: 'delivery',
    cleanup: 'compact',
    key: 'SINK|ALERT_ID|STATUS',
    writers: ['sinks'],
    readers: ['sinks (Table)'],
  },
  {
    name: 'pending-changes',
    schema: 'pending-change',
    cleanup: 'compact',
    key: 'key of raw-events|PROVIDER|EVENT_ID',
    writers: ['processor'],
    readers: ['processor (Table)'],
    maxMessageBytes: 2 * MIB,
  },
  {
    name: 'counted-matches',
    schema: 'counted-match',
    cleanup: 'delete',
    key: 'RULE|KEY',
    writers: ['processor'],
    readers: ['counter'],
    retentionDays: 7,
  },
  {
    name: 'count-windows',
    schema: 'count-window',
    cleanup: 'compact',
    key: 'RULE|KEY|VERSION|START',
    writers: ['counter'],
    readers: ['counter (Table)'],
    maxMessageBytes: 8 * MIB,
  },
  {
    name: 'outbox',
    schema: 'held-alert',
    cleanup: 'compact',
    key: 'SINK|ALERT_ID|STATUS',
    writers: ['sinks'],
    readers: ['sinks (Table)'],
    maxMessageBytes: TWO_ROWS + MIB,
  },
  {
    name: 'dead-letters',
    schema: null,
    cleanup: 'delete',
    key: 'original key',
    writers: ['processor', 'sources', 'sinks'],
    readers: [],
    retentionDays: 30,
    maxMessageBytes: 64 * MIB,
  },
]

/** Consumer groups. Tables have none: they read with a random group that never commits. */
export const groups = {
  processor: 'processor',
  /** Counts what several events together make of a rule. */
  counter: 'counter',
  sink: (name: string) => `sink.${name}`,
  /** Reads the critical alerts only. */
  urgent: (name: string) => `sink.${name}.urgent`,
  /** Sends what has been held for a sink. */
  outbox: (name: string) => `sink.${name}.outbox`,
}
