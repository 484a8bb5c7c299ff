import { canonical } from '../compare/canonical.ts'
import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/**
 * The body of a call on a firewall under the API's own names: the log has `alloweds` and `denieds`, as the protocol
 * behind the API does. What `insert` and `update` leave out is as the API then sets it, where that is not nothing.
 */
export function firewallRequest(call: string, body: JsonObject): JsonObject {
  if (Object.keys(body).length === 0) return body
  const { alloweds, denieds, logConfig, ...rest } = body
  const request: JsonObject = {
    ...rest,
    ...(alloweds !== undefined && { allowed: alloweds }),
    ...(denieds !== undefined && { denied: denieds }),
    ...(logConfig !== undefined && { logConfig: logging(logConfig) }),
  }
  return call.endsWith('.patch') ? request : { logConfig: {}, ...request, ...everywhere(request) }
}

/** Nothing but how it is logged, where it is: that is also what Terraform declares. */
function logging(config: Json): Json {
  if (!isObject(config) || config.enable !== true) return {}
  return { metadata: config.metadata ?? 'INCLUDE_ALL_METADATA' }
}

/** A rule without a source, or of outgoing traffic without a destination, is one for every address. */
function everywhere(request: JsonObject): JsonObject {
  const missing = (name: string) => canonical(request[name]) === null
  if (request.direction === 'EGRESS')
    return missing('destinationRanges') ? { destinationRanges: ['0.0.0.0/0'] } : {}
  const anySource = ['sourceRanges', 'sourceTags', 'sourceServiceAccounts'].every(missing)
  return anySource ? { sourceRanges: ['0.0.0.0/0'] } : {}
}
