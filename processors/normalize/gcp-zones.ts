import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/**
 * Of the zones that a call gives to a cluster of Kubernetes Engine, those beside its own: Terraform declares no others
 * of a zonal cluster.
 */
export function besideOwnZone(body: JsonObject, id: string): JsonObject {
  const [, own] = /\/(?:locations|zones)\/([^/]+)\/clusters\/[^/]+$/.exec(id) ?? []
  if (own === undefined) return body
  const { locations, update } = body
  return {
    ...body,
    ...(locations !== undefined && { locations: without(locations, own) }),
    ...(isObject(update) &&
      update.desiredLocations !== undefined && {
        update: { ...update, desiredLocations: without(update.desiredLocations, own) },
      }),
  }
}

function without(zones: Json, own: string): Json {
  return Array.isArray(zones) ? zones.filter((zone) => zone !== own) : zones
}
