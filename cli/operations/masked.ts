import { isHashed } from '../../schemas/hashed-value.ts'

/**
 * JSON texts become JSON, and hashes of secrets a word: they can be compared here by nobody. Of a record within the
 * record only its size is told.
 */
export function masked(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return `(${value.length} bytes)`
  if (isHashed(value)) return '(sensitive)'
  if (Array.isArray(value)) return value.map(masked)
  if (value instanceof Uint8Array) return `(${value.length} bytes)`
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      masked(jsonFields.has(name) ? parsed(inner) : inner),
    ]),
  )
}

const jsonFields = new Set(['payload', 'attributes', 'oldValue', 'newValue'])

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
