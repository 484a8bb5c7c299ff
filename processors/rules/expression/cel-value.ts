import { isHashed } from '../../../schemas/hashed-value.ts'
import type { Json } from '../../finding.ts'

/** How large a value is: by this it is told beforehand what an expression over it may cost. */
export interface Measures {
  /** Elements of the longest list or map. */
  longest: number
  /** Characters of the longest text. */
  text: number
  /** Characters of all texts. */
  chars: number
  /** Values, those within values included. */
  values: number
}

export function noMeasures(): Measures {
  return { longest: 0, text: 0, chars: 0, values: 0 }
}

/**
 * A JSON value as CEL knows it: whole numbers are int. What is only known hashed is left out, as if it were not there
 * (undefined at the top). Counts into `measures`.
 */
export function celValue(value: Json, measures: Measures): unknown {
  const isHidden: boolean = isHashed(value)
  if (isHidden) return undefined
  measures.values++
  if (typeof value === 'string') {
    count(value, measures)
    return value
  }
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    measures.longest = Math.max(measures.longest, value.length)
    return value.map((one) => celValue(one, measures)).filter((one) => one !== undefined)
  }
  const entries = Object.entries(value)
  measures.longest = Math.max(measures.longest, entries.length)
  for (const [key] of entries) count(key, measures)
  return Object.fromEntries(
    entries.flatMap(([key, one]) => {
      const converted = celValue(one, measures)
      return converted === undefined ? [] : [[key, converted]]
    }),
  )
}

function count({ length }: string, measures: Measures): void {
  measures.text = Math.max(measures.text, length)
  measures.chars += length
}
