import type { JsonObject, StateRow } from './finding.ts'
import { isObject } from './paths.ts'

/**
 * One grant of a Google IAM policy: `role`, `member`, `condition`, the form `members` that policies have, and the ends
 * of Terraform's ids, `memberId` and `bindingId`.
 */
export function grantOf({ role = null, member = null, condition = null }: JsonObject): JsonObject {
  const { title, description, expression } = isObject(condition) ? condition : {}
  const suffix = isObject(condition) ? `/${title ?? ''}/${description ?? ''}/${expression ?? ''}` : ''
  return {
    role,
    member,
    members: [member],
    condition,
    bindingId: `${role}${suffix}`,
    memberId: `${role}/${member}${suffix}`,
  }
}

/** Of a member or a binding in a state, by its id: the resource of which it is a grant, and its binding there. */
export function grantedOn({ type, id, attributes }: Pick<StateRow, 'type' | 'id' | 'attributes'>): string[] {
  const { role, member } = attributes
  if (!/^google_\w+_iam_(?:member|binding)$/.test(type) || typeof role !== 'string') return []
  const at = id.toLowerCase().indexOf(`/${role.toLowerCase()}`)
  if (at <= 0) return []
  const resource = id.slice(0, at)
  if (typeof member !== 'string') return [resource]
  const end = at + 1 + role.length
  return [resource, id.slice(0, end) + id.slice(end + 1 + member.length)]
}
