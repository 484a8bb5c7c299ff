import { createHmac } from 'node:crypto'

const PREFIX = 'hmac-sha256:'

/**
 * What stands on the topics instead of a secret: a keyed hash, so that two values can still be compared.
 * Scalars are canonicalised first (512 and "512" are one value); objects must come with sorted keys.
 */
export function hashValue(key: Buffer, value: unknown): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
  return PREFIX + createHmac('sha256', key).update(text).digest('base64url')
}

export function isHashed(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(PREFIX)
}
