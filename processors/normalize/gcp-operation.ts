import type { JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/** One of the entries that a long operation of Google leaves. */
export interface OperationEntry {
  /** The same for all entries of the operation. */
  operation: string
  part: 'first' | 'last'
}

/**
 * Of which operation a LogEntry is the beginning, or the end: the first entry carries the request, the last one the
 * outcome. null for an entry that is the whole of its call.
 */
export function operationOf({ operation }: JsonObject): OperationEntry | null {
  if (!isObject(operation) || typeof operation.id !== 'string') return null
  const first = operation.first === true
  const last = operation.last === true
  if (first === last) return null
  return { operation: `${operation.producer}|${operation.id}`, part: first ? 'first' : 'last' }
}
