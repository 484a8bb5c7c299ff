import type { AttributeDiff } from '../schemas/types.ts'
import type { Finding, Signal } from './finding.ts'

const listedDiffs = 3
const shownLength = 100
const quotedLength = 500

/** One sentence: who changed what from what to what. Sensitive values are not in it. */
export function messageOf(finding: Finding): string {
  const { resource, type, compared, call, signal } = finding
  if (signal) return signalMessage(signal)
  const who = call.actor.name === 'unknown' ? 'An unknown actor' : plain(call.actor.name)
  const what = plain(resource.address ?? `${resource.type} ${resource.id}`)
  if (type === 'unmanaged_resource') {
    return `${who} created ${plain(`${resource.type} ${resource.id}`)}, which no Terraform state holds`
  }
  if (type === 'resource_deleted') {
    return `${who} deleted ${what}${resource.address === null ? '' : ` (${plain(resource.id)})`}`
  }
  if (!compared)
    return `${who} called ${plain(call.sourceEvent.name)} on ${what}: what it changed is not compared`
  return `${who} ${changesOf(finding.diffs, what)}`
}

function signalMessage({ name, account, text, tooLittle }: Signal): string {
  const where = account === '' ? '' : ` on ${plain(account)}`
  const mark = tooLittle ? '; the call is not compared, Falco tells too little of it' : ''
  const words = text === '' ? '' : `: ${cut(plain(text), quotedLength)}`
  return `Falco found "${plain(name)}"${where}${mark}${words}`
}

function changesOf(diffs: readonly AttributeDiff[], what: string): string {
  const [first] = diffs
  if (!first) return `changed ${what}`
  if (diffs.length === 1) return oneChange(first, what)
  const listed = diffs.slice(0, listedDiffs).map((diff) => `${plain(diff.attribute)}${fromTo(diff)}`)
  const more = diffs.length - listed.length
  return `changed ${diffs.length} attributes of ${what}: ${listed.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function oneChange(diff: AttributeDiff, what: string): string {
  const attribute = plain(diff.attribute)
  if (diff.sensitive) return `changed ${attribute} of ${what} (sensitive)`
  if (diff.changeType === 'added') return `added ${attribute} ${shown(diff.newValue)} to ${what}`
  if (diff.changeType === 'removed') return `removed ${attribute} ${shown(diff.oldValue)} from ${what}`
  return `changed ${attribute} of ${what}${fromTo(diff)}`
}

function fromTo({ sensitive, oldValue, newValue }: AttributeDiff): string {
  return sensitive ? ' (sensitive)' : ` from ${shown(oldValue)} to ${shown(newValue)}`
}

/** JSON text: whoever wrote the value cannot break out of its quotes. */
function shown(json: string | null): string {
  if (json === null) return 'nothing'
  return cut(plain(json), shownLength)
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…` : text
}

/** Names come from whoever made the resource: line breaks, escape and bidi characters must not reach a terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
}
