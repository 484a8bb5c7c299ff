import type { Json } from '../finding.ts'

/**
 * The form in which values are equal when Terraform would call them equal: 512, "512" and 512.0 are one number,
 * "true" is true, 12:00:00.000Z is 12:00:00Z, and "", [], {}, lists of such and null all mean "not set" (the provider
 * SDK writes them interchangeably).
 */
export function canonical(value: Json | undefined): Json {
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'string') return scalar(value)
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) {
    const elements = value.map(canonical)
    return elements.every((element) => element === null) ? null : elements
  }
  const entries = Object.keys(value)
    .sort()
    .map((key) => [key, canonical(value[key])] as const)
    .filter(([, inner]) => inner !== null)
  return entries.length === 0 ? null : Object.fromEntries(entries)
}

const wholeSecond = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.0+)?(?:Z|\+00:00)$/
const number = /^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/

function scalar(text: string): Json {
  if (text === 'true') return true
  if (text === 'false') return false
  if (number.test(text)) return Number(text)
  return text.replace(wholeSecond, '$1Z')
}

/** One text per class of equal values. */
export function canonicalText(value: Json | undefined): string {
  return JSON.stringify(canonical(value))
}
