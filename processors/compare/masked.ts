import type { Json } from '../finding.ts'

const masks = new Set(['****', 'HIDDEN_DUE_TO_SECURITY_REASONS', '<sensitiveDataRemoved>', '***'])

/** CloudTrail says that a value was set, but not which. */
export function isMasked(value: Json | undefined): boolean {
  return typeof value === 'string' && masks.has(value)
}
