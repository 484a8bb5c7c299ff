import type { Effect, Fields } from '../../mappings/format.ts'
import { loadMappings } from '../../mappings/index.ts'
import { withoutIndexes } from './attribute-path.ts'
import { type AttributePattern, attributePattern, rootOf } from './attribute-pattern.ts'
import type { Subject } from './subject.ts'

/** What the calls of the mappings set of one type: the API's path → Terraform's, and the fields of its elements. */
interface Names {
  paths: Map<string, string>
  fields: Map<string, Fields>
  /** First steps of Terraform's paths: such a name is never taken for the API's. */
  roots: Set<string | null>
}

let index: Map<string, Names> | undefined

/**
 * Terraform's name of what a rule calls by the API's: of google_compute_firewall `allow[*].protocol` for
 * `allowed[*].IPProtocol`. null: it is no name of the API, or Terraform's own as well.
 */
export function terraformName(type: string, attribute: string): string | null {
  index ??= indexNames()
  const names = index.get(type)
  if (!names || names.roots.has(rootOf(attribute))) return null
  for (let end = attribute.length; end > 0; end = lastStep(attribute, end)) {
    const apiPath = attribute.slice(0, end)
    const path = names.paths.get(apiPath)
    if (path === undefined) continue
    const rest = attribute.slice(end)
    return path + fieldsNamed(rest, names.fields.get(apiPath))
  }
  return null
}

/** The pattern of an attribute for each finding: as it is written, or by Terraform's name where that is the API's. */
export function patternsOf(attribute: string): (subject: Subject) => AttributePattern {
  const written = attributePattern(attribute)
  const { root } = written
  const byType = new Map<string, AttributePattern | null>()
  return function patternFor({ finding: { resource, row }, changes }) {
    if (resource === null || root === null || (row && Object.hasOwn(row.attributes, root))) return written
    let pattern = byType.get(resource.type)
    if (pattern === undefined) {
      const name = terraformName(resource.type, attribute)
      pattern = name === null ? null : attributePattern(name)
      byType.set(resource.type, pattern)
    }
    if (pattern === null) return written
    const concerns = (one: AttributePattern) => changes.some((change) => change.relate(one) !== null)
    // The call itself may call another attribute so.
    return concerns(written) && !concerns(pattern) ? written : pattern
  }
}

function lastStep(path: string, end: number): number {
  return Math.max(path.lastIndexOf('.', end - 1), path.lastIndexOf('[', end - 1))
}

/** `[*].IPProtocol` as `[*].protocol`. */
function fieldsNamed(rest: string, fields: Fields | undefined): string {
  const [, lead, field, more] = /^((?:\[[^\]]*\])?\.?)([^.[]*)(.*)$/s.exec(rest)!
  const found = Object.entries(fields ?? {}).find(([, where]) => whereOf(where) === field)
  return found ? `${lead}${found[0]}${more}` : rest
}

function whereOf(field: Fields[string]): string | null {
  if (typeof field === 'string') return field
  if ('value' in field) return field.value
  return 'each' in field ? field.each : field.pairs
}

function indexNames(): Map<string, Names> {
  const byType = new Map<string, Names>()
  for (const { effects } of loadMappings().calls()) {
    for (const effect of effects) for (const type of typesOf(effect)) addNames(byType, type, effect)
  }
  return byType
}

function typesOf(effect: Effect): string[] {
  if ('update' in effect) return effect.update
  return 'put' in effect ? [effect.put].flat() : []
}

function addNames(byType: Map<string, Names>, type: string, effect: Effect): void {
  const names = byType.get(type) ?? { paths: new Map(), fields: new Map(), roots: new Set() }
  byType.set(type, names)
  const { attributes = {}, elements = {} } = effect as {
    attributes?: Record<string, string>
    elements?: Record<string, Fields>
  }
  for (const [apiPath, alternatives] of Object.entries(attributes)) {
    const [path] = alternatives.split(' | ')
    // Without indexes: what changed is known by both, and a block as a whole has none.
    if (!names.paths.has(apiPath)) names.paths.set(apiPath, withoutIndexes(path!))
    names.roots.add(rootOf(path!))
  }
  for (const [apiPath, fields] of Object.entries(elements)) names.fields.set(apiPath, fields)
}
