import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'
import { apiGatewayParameters } from './aws-apigateway.ts'
import { elbParameters } from './aws-elb.ts'

const MAX_DEPTH = 100

/** Takes the wrappers of the service's wire format off, so that mappings see the parameters as the API names them. */
export function plainParameters(service: string, value: Json | undefined): JsonObject {
  if (!isObject(value)) return {}
  if (service === 'sns.amazonaws.com') return spreadAttribute(value, 'attributeName', 'attributeValue')
  if (service === 'apigateway.amazonaws.com') return apiGatewayParameters(value)
  if (service === 'elasticloadbalancing.amazonaws.com') return elbParameters(value)
  if (service === 'eks.amazonaws.com') return eksParameters(value)
  if (service === 'route53.amazonaws.com') return plainRecords(value)
  if (service === 'autoscaling.amazonaws.com') return listedSubnets(value)
  if (service !== 'ec2.amazonaws.com') return value
  return spreadAttribute(asObject(unwrap(unwrapRequest(value), 0)), 'attribute', 'value')
}

/**
 * EC2 turns its query protocol into JSON: lists are {"items": [...]}, attribute values {"value": x}.
 * Newer operations wrap the whole request, keep the original case and number list elements with a `tag`.
 */
function unwrap(value: Json, depth: number): Json {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => unwrap(item, depth + 1))
  const keys = Object.keys(value)
  if (keys.length === 1 && Array.isArray(value.items)) return unwrap(value.items, depth + 1)
  if (keys.length === 1 && keys[0] === 'value' && !isObject(value.value)) return value.value!
  return Object.fromEntries(keys.map((key) => [key, unwrap(value[key]!, depth + 1)]))
}

/** {"ModifyVolumeRequest": {"VolumeId": ...}} is {"volumeId": ...}. */
function unwrapRequest(value: JsonObject): JsonObject {
  const keys = Object.keys(value)
  const inner =
    keys.length === 1 && /^[A-Z]\w*(Request|Response)$/.test(keys[0]!) ? value[keys[0]!] : undefined
  return isObject(inner) ? asObject(lowerFirst(inner, 0)) : value
}

function lowerFirst(value: Json, depth: number): Json {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => lowerFirst(item, depth + 1))
  const entries = Object.entries(value).filter(
    ([key, inner]) => !(key === 'tag' && typeof inner === 'number'),
  )
  if (entries.length === 1 && entries[0]![0] === 'content') return lowerFirst(entries[0]![1], depth + 1)
  return Object.fromEntries(
    entries.map(([key, inner]) => [key.charAt(0).toLowerCase() + key.slice(1), lowerFirst(inner, depth + 1)]),
  )
}

/** {"attribute": "instanceType", "value": "t3.small"} is {"instanceType": "t3.small"}. */
function spreadAttribute(request: JsonObject, nameKey: string, valueKey: string): JsonObject {
  const { [nameKey]: name, [valueKey]: value, ...rest } = request
  return typeof name === 'string' && value !== undefined ? { ...rest, [name]: value } : request
}

/** Labels of a node group that are taken away are set to nothing; what stood in the path of the call is encoded. */
function eksParameters(request: JsonObject): JsonObject {
  const { labels, principalArn, ...rest } = request
  return {
    ...rest,
    ...(labels !== undefined && { labels: allLabels(labels) }),
    ...(principalArn !== undefined && { principalArn: decoded(principalArn) }),
  }
}

function allLabels(labels: Json): Json {
  if (!isObject(labels) || !Array.isArray(labels.removeLabels)) return labels
  const { removeLabels, addOrUpdateLabels, ...rest } = labels
  const gone = Object.fromEntries((removeLabels as Json[]).map((key) => [String(key), '']))
  return { ...rest, addOrUpdateLabels: { ...gone, ...asObject(addOrUpdateLabels ?? {}) } }
}

function decoded(value: Json): Json {
  if (typeof value !== 'string') return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** Texts of records stand in quotes, and names of load balancers may have `dualstack.` before them: both are left out. */
function plainRecords(request: JsonObject): JsonObject {
  const { changeBatch } = request
  if (!isObject(changeBatch) || !Array.isArray(changeBatch.changes)) return request
  const changes = changeBatch.changes.map((change) => {
    const set = isObject(change) ? change.resourceRecordSet : undefined
    return isObject(change) && isObject(set) ? { ...change, resourceRecordSet: plainRecord(set) } : change
  })
  return { ...request, changeBatch: { ...changeBatch, changes } }
}

function plainRecord(set: JsonObject): JsonObject {
  const { aliasTarget: alias, resourceRecords: records } = set
  if (isObject(alias) && typeof alias.dNSName === 'string')
    return { ...set, aliasTarget: { ...alias, dNSName: alias.dNSName.replace(/^dualstack\./i, '') } }
  if (!Array.isArray(records) || !/^(?:TXT|SPF)$/.test(String(set.type))) return set
  const plain = (value: Json | undefined) =>
    typeof value === 'string' ? value.replace(/^"([\s\S]*)"$/, '$1') : (value ?? null)
  return {
    ...set,
    resourceRecords: records.map((one) => (isObject(one) ? { ...one, value: plain(one.value) } : one)),
  }
}

/** Subnets of a group are one text with commas. */
function listedSubnets(request: JsonObject): JsonObject {
  const { vPCZoneIdentifier: subnets } = request
  if (typeof subnets !== 'string') return request
  return { ...request, vPCZoneIdentifier: subnets.split(/\s*,\s*/).filter((id) => id !== '') }
}

function asObject(value: Json): JsonObject {
  return isObject(value) ? value : {}
}
