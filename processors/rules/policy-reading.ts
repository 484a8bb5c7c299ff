import { grantsOf } from '../compare/iam-policy.ts'
import { statements } from '../compare/policy.ts'
import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/**
 * The Allow statements of an AWS policy: of its JSON, or of the list of statements that a diff of one shows. None where
 * the value is not a policy.
 */
export function allowsOf(value: Json): JsonObject[] {
  const document = Array.isArray(value) ? { Statement: value } : value
  const found = statements(document, { trust: false })
  return [...(found?.values() ?? [])].filter(({ Effect }) => Effect === 'Allow')
}

/** The bindings of a Google IAM policy: of its JSON, of a list of them as a diff shows, or of one. */
export function bindingsOf(value: Json): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isObject).filter(({ role }) => typeof role === 'string')
  return isObject(value) && typeof value.role === 'string' ? [value] : grantsOf(value)
}

export function textList(value: Json | undefined): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string')
}
