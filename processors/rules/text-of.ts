import type { Json } from '../finding.ts'

/** What text operators look at: a text, or a number or flag as it is written; null of anything else. */
export function textOf(value: Json): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** The texts of a value that is a text or a list of texts. */
export function textsOf(value: Json): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) => textOf(one) ?? [])
}
