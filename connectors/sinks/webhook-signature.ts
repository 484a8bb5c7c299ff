import { createHmac } from 'node:crypto'
import { z } from 'zod'

const PREFIX = 'whsec_'

/**
 * `whsec_` and base64 of 24 to 64 bytes, as Standard Webhooks writes secrets; anything else is the key itself, as
 * UTF-8, for receivers that were made otherwise.
 */
export const webhookSecret = z
  .string()
  .min(1)
  .refine((secret) => !secret.startsWith(PREFIX) || isStandardKey(secret.slice(PREFIX.length)), {
    error: `${PREFIX} must be followed by base64 of 24 to 64 bytes: make one with "openssl rand -base64 32"`,
  })

function isStandardKey(base64: string): boolean {
  const bytes = Buffer.from(base64, 'base64')
  const isBase64 = bytes.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '')
  return isBase64 && bytes.length >= 24 && bytes.length <= 64
}

/** The headers of Standard Webhooks 1.0.0. Several secrets give several signatures: the rotation of one. */
export function webhookHeaders(
  secrets: readonly string[],
  id: string,
  body: string,
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  const signatures = secrets.map((secret) => {
    const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : secret
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signatures.length > 0 && { 'webhook-signature': signatures.join(' ') }),
  }
}
