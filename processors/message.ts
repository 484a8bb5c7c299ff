import type { AttributeDiff } from '../schemas/types.ts'
import type { Finding } from './finding.ts'

const listedDiffs = 3
const shownLength = 100

/** One sentence: who changed what from what to what. Sensitive values are not in it. */
export function messageOf(finding: Finding): string {
  const { resource, type, compared, call } = finding
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
  const text = plain(json)
  return text.length > shownLength ? `${text.slice(0, shownLength).replace(/[\uD800-\uDBFF]$/, '')}…` : text
}

/** Names come from whoever made the resource: line breaks, escape and bidi characters must not reach a terminal. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
}
