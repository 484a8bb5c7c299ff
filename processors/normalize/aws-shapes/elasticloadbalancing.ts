import type { Json, JsonObject } from '../../finding.ts'
import { isObject } from '../../paths.ts'

/**
 * A load balancer's rules have a long and a short form of one thing: a single target group, with weights or without; a
 * condition's values, in the object of its kind or beside it. Here each has one form: the short one for the first, the
 * long one for the second.
 */
export function elbParameters(request: JsonObject): JsonObject {
  return {
    ...request,
    ...each(request, 'actions', plainAction),
    ...each(request, 'defaultActions', plainAction),
    ...each(request, 'conditions', plainCondition),
  }
}

function each(request: JsonObject, name: string, plain: (one: JsonObject) => JsonObject): JsonObject {
  const list = request[name]
  return Array.isArray(list) ? { [name]: list.map((one) => (isObject(one) ? plain(one) : one)) } : {}
}

/** What distributes between several groups tells them all; `targetGroupArn` then is the only one, if there is but one. */
function plainAction(action: JsonObject): JsonObject {
  const { forwardConfig, targetGroupArn, ...rest } = action
  if (!isObject(forwardConfig)) return action
  const groups = Array.isArray(forwardConfig.targetGroups) ? forwardConfig.targetGroups : []
  const stickiness = forwardConfig.targetGroupStickinessConfig
  const [only] = groups
  const sticky = isObject(stickiness) && stickiness.enabled === true
  if (groups.length > 1 || sticky) return { ...rest, forwardConfig }
  const arn = isObject(only) ? only.targetGroupArn : targetGroupArn
  return { ...rest, ...(arn !== undefined && { targetGroupArn: arn }) }
}

const kinds: Readonly<Record<string, string>> = {
  'host-header': 'hostHeaderConfig',
  'path-pattern': 'pathPatternConfig',
}

function plainCondition(condition: JsonObject): JsonObject {
  const { values, ...rest } = condition
  const kind = kinds[String(condition.field)]
  if (kind === undefined || values === undefined) return condition
  return { ...rest, [kind]: condition[kind] ?? ({ values } as Json) }
}
