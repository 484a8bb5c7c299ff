import type { JsonObject } from '../../finding.ts'
import { isObject } from '../../paths.ts'

/** OpenSearch's parameters as Terraform has them. */
export function esParameters(value: JsonObject): JsonObject {
  return listed(value, 'logPublishingOptions', 'logType')
}

/** A map of blocks as the list of them that Terraform has: {"AUDIT_LOGS": {...}} is [{"logType": "AUDIT_LOGS", ...}]. */
function listed(request: JsonObject, name: string, keyName: string): JsonObject {
  const map = request[name]
  if (!isObject(map) || map.omitted === true) return request
  const list = Object.entries(map).map(([key, block]) => ({
    ...(isObject(block) ? block : {}),
    [keyName]: key,
  }))
  return { ...request, [name]: list }
}
