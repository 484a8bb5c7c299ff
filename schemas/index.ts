import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { CountedMatch, CountWindow } from './counting-types.ts'
import type {
  Alert,
  AlertStatus,
  Delivery,
  HeldAlert,
  PendingChange,
  RawEvent,
  ResourceDiff,
  RuleMatch,
  StateSnapshot,
} from './types.ts'

/** Every schema by name, with the record that it describes. */
export interface SchemaRecords {
  'raw-event': RawEvent
  'state-snapshot': StateSnapshot
  diff: ResourceDiff
  match: RuleMatch
  alert: Alert
  'alert-status': AlertStatus
  delivery: Delivery
  'pending-change': PendingChange
  'counted-match': CountedMatch
  'count-window': CountWindow
  'held-alert': HeldAlert
}

export type SchemaName = keyof SchemaRecords
export type Compatibility = 'BACKWARD_TRANSITIVE' | 'FULL_TRANSITIVE'

/**
 * The compatibility that a registry must hold for each schema. Compacted topics keep records of every old
 * version reachable, so readers of any age must understand writers of any age there.
 */
export const compatibility: Record<SchemaName, Compatibility> = {
  'raw-event': 'BACKWARD_TRANSITIVE',
  'state-snapshot': 'FULL_TRANSITIVE',
  diff: 'BACKWARD_TRANSITIVE',
  match: 'BACKWARD_TRANSITIVE',
  alert: 'BACKWARD_TRANSITIVE',
  'alert-status': 'FULL_TRANSITIVE',
  delivery: 'FULL_TRANSITIVE',
  'pending-change': 'FULL_TRANSITIVE',
  'counted-match': 'BACKWARD_TRANSITIVE',
  'count-window': 'FULL_TRANSITIVE',
  'held-alert': 'FULL_TRANSITIVE',
}

/** The current Avro schema of that name, as text. */
export function schemaText(name: SchemaName): string {
  return readFileSync(path.join(import.meta.dirname, `${name}.avsc`), 'utf8')
}
