import type { Json } from '../finding.ts'

/** The same text for what is one network: an address alone is the network of that one. */
export function networkOf(text: string): string {
  return text.includes('/') ? text.toLowerCase() : `${text.toLowerCase()}/${text.includes(':') ? 128 : 32}`
}

/** The same text for what is one name in DNS. */
export function dnsName(text: string): string {
  return text.replace(/\.$/, '').replaceAll('\\052', '*').toLowerCase()
}

export function lowerCase(text: string): string {
  return text.toLowerCase()
}

/** What the text says as JSON, or else the text. */
export function parsed(value: Json | undefined): Json {
  if (typeof value !== 'string') return value ?? null
  try {
    return JSON.parse(value) as Json
  } catch {
    return value
  }
}
