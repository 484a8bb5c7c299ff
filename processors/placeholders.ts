import { isHashed } from '../schemas/hashed-value.ts'
import type { AlertResource } from '../schemas/types.ts'
import type { Finding, Json } from './finding.ts'
import { isObject } from './paths.ts'
import { attributeAt } from './rules/attribute-path.ts'
import type { NamedChange } from './rules/named-change.ts'
import { shellQuote } from './shell-quote.ts'

const placeholder = /\{([A-Za-z_][\w.[\]-]*)\}/g

/**
 * Replaces {id}, {instance_id}, {arn}, {name}, {address}, {account}, {region}, {actor}, {attribute}, {old_value},
 * {new_value} and {any_state_attribute} in a text that people paste into a shell. Values come from whoever made the
 * resource, so they are quoted. What cannot be inserted safely, is secret or unknown stays a placeholder.
 */
export function fillPlaceholders(template: string, finding: Finding, change: NamedChange | null): string {
  // Within quotes of the template, or behind an apostrophe, quotes of ours would end them.
  const quotes = /['"`\\]/.test(template)
  return template.replace(placeholder, (whole, name: string) => {
    const value = scalarText(resolve(name, finding, change))
    return (value === null ? null : shellSafe(value, quotes)) ?? whole
  })
}

function resolve(name: string, finding: Finding, change: NamedChange | null): Json | undefined {
  const { resource, row, made } = finding
  const state = attributeAt(row?.attributes ?? made ?? {}, name)
  switch (name) {
    case 'id':
      return resource?.id
    case 'arn':
      return resource?.arn ?? state
    case 'name':
      return state ?? resource?.name
    case 'address':
      return resource?.address
    case 'account':
      return resource?.account
    case 'region':
      return resource?.region
    case 'actor':
      return finding.call.actor.name
    case 'attribute':
      return change?.diff.attribute
    case 'old_value':
      return change?.before
    case 'new_value':
      return change?.after
    default:
      if (resource === null) return undefined
      return namesType(name, resource.type) === 'whole' ? resource.id : (state ?? byType(name, resource))
  }
}

function byType(name: string, { type, id }: AlertResource): string | undefined {
  return namesType(name, type) ? id : undefined
}

/** aws_security_group: security_group_id names the type as a whole, group_id its last word. */
function namesType(name: string, type: string): 'whole' | 'part' | null {
  if (!name.endsWith('_id')) return null
  const noun = name.slice(0, -'_id'.length)
  if (type.slice(type.indexOf('_') + 1) === noun) return 'whole'
  return type.endsWith(`_${noun}`) ? 'part' : null
}

function scalarText(value: Json | undefined): string | null {
  if (value === undefined || value === null || isHashed(value)) return null
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value)
}

/** null where no quoting makes the value harmless: control characters, or a name that would be read as an option. */
function shellSafe(value: string, templateHasQuotes: boolean): string | null {
  if (/\p{Cc}/u.test(value) || /^-(?!\d)/.test(value)) return null
  const quoted = shellQuote(value)
  return quoted === value || !templateHasQuotes ? quoted : null
}
