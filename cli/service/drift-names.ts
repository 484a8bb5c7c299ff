import { eventKeyOf } from '../../processors/event-key.ts'
import type { AlertStatus } from '../../schemas/types.ts'
import { partitionOf } from '../../streams/partitioner.ts'

/**
 * Over how many names the open drifts of a partition are spread: a list of all of them would be written anew with each
 * that opens.
 */
export const DRIFT_BUCKETS = 1024

/** Under which names a drift is found: none once it is resolved. */
export function driftNames(row: AlertStatus, partitions: number): string[] {
  if (row.status === 'resolved') return []
  const partition = partitionOf(Buffer.from(eventKeyOf(row)), partitions)
  const open = openName(partition, Number.parseInt(row.driftId.slice(0, 4), 16) % DRIFT_BUCKETS)
  return row.status === 'suppressed' ? [open, suppressedName(partition)] : [open]
}

export function openName(partition: number, bucket: number): string {
  return `open\0${partition}\0${bucket}`
}

export function suppressedName(partition: number): string {
  return `suppressed\0${partition}`
}
