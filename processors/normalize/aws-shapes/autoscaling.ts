import type { JsonObject } from '../../finding.ts'

/** Subnets of a group are one text with commas. */
export function autoscalingParameters(request: JsonObject): JsonObject {
  const { vPCZoneIdentifier: subnets } = request
  if (typeof subnets !== 'string') return request
  return { ...request, vPCZoneIdentifier: subnets.split(/\s*,\s*/).filter((id) => id !== '') }
}
