import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/**
 * The grants of a Google IAM policy, one for each member of each binding, in the form of a binding of one member.
 * None where the value, a policy or its JSON text, is not one.
 */
export function grantsOf(value: Json | undefined): JsonObject[] {
  const { bindings } = policyOf(value)
  return (Array.isArray(bindings) ? bindings : []).filter(isObject).flatMap((binding) => {
    const members = Array.isArray(binding.members) ? binding.members : []
    return members.map((member) => ({ ...binding, members: [member] }))
  })
}

function policyOf(value: Json | undefined): JsonObject {
  if (typeof value !== 'string') return isObject(value) ? value : {}
  try {
    const parsed = JSON.parse(value) as Json
    return isObject(parsed) ? parsed : {}
  } catch {
    return {}
  }
}
