import type { Json, JsonObject } from '../../finding.ts'
import { isObject } from '../../paths.ts'

/** Labels of a node group that are taken away are set to nothing; what stood in the path of the call is encoded. */
export function eksParameters(request: JsonObject): JsonObject {
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
  return {
    ...rest,
    addOrUpdateLabels: { ...gone, ...(isObject(addOrUpdateLabels) ? addOrUpdateLabels : {}) },
  }
}

function decoded(value: Json): Json {
  if (typeof value !== 'string') return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
