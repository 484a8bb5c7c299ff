import { createHmac } from 'node:crypto'
import { isIP } from 'node:net'
import { RE2JS } from 're2js'

export type Replace = (text: string) => string

/** Shorter ones stand in other words by chance: they are replaced as whole words. */
const SHORT = 4

/** Replaces texts, in every form in which messages and commands write them; the longest first, which may hold others. */
export function replaceKnown(found: readonly { text: string; instead: string }[]): Replace {
  const known = new Map<string, string>()
  for (const { text, instead } of found) {
    const quoted = [
      JSON.stringify(text).slice(1, -1),
      text.replaceAll("'", `'\\''`),
      encodeURIComponent(wellFormed(text)),
    ]
    for (const form of [text, ...quoted]) {
      if (form !== '' && !known.has(form)) known.set(form, instead)
    }
  }
  if (known.size === 0) return (text) => text
  const forms = [...known.keys()].sort((a, b) => b.length - a.length).map(escaped)
  const pattern = new RegExp(forms.join('|'), 'gu')
  return (text) => text.replace(pattern, (form) => known.get(form)!)
}

/** A surrogate without its other half makes encodeURIComponent throw. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}

function escaped(text: string): string {
  const literal = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return text.length < SHORT ? `(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])` : literal
}

export function regular(expression: string, replace: Replace): Replace {
  const pattern = RE2JS.compile(expression)
  return function replaceMatches(text) {
    const matcher = pattern.matcher(text)
    let result = ''
    let from = 0
    while (matcher.find()) {
      if (matcher.end() === matcher.start()) continue
      result += text.slice(from, matcher.start()) + replace(text.slice(matcher.start(), matcher.end()))
      from = matcher.end()
    }
    return result + text.slice(from)
  }
}

/** Addresses of hosts and networks; not those that stand for all. */
export function ips(replace: Replace): Replace {
  return (text) =>
    text.replace(/[0-9a-f:.]{2,45}/gi, (found) => {
      const address = found.replace(/(?<!:):$|\.$/, '')
      if (isIP(address) === 0 || address === '0.0.0.0' || address === '::') return found
      return replace(address) + found.slice(address.length)
    })
}

export function replacement(action: 'hide' | 'hash' | 'shorten', key: Buffer): Replace {
  if (action === 'hide') return () => '[hidden]'
  if (action === 'hash')
    return (text) => `#${createHmac('sha256', key).update(text).digest('hex').slice(0, 12)}`
  return (text) => (text.length <= 8 ? '…' : `…${[...text].slice(-4).join('')}`)
}

/** Without a pattern: never. */
export function starred(pattern: string | undefined, more = ''): (text: string) => boolean {
  if (pattern === undefined) return () => false
  const compiled = RE2JS.compile(`^${pattern.split('*').map(RE2JS.quote).join('.*')}${more}$`, RE2JS.DOTALL)
  return (text) => compiled.matcher(text).find()
}
