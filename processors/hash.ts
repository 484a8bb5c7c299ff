import { createHash } from 'node:crypto'

/** Hex SHA-256 of the UTF-8 text: alert ids and drift ids. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
