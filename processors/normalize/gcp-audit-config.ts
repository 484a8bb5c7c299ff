import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/**
 * What of the calls of which service is audited stands in a policy, too. The log tells which services it is that
 * changed: `audited` are those with what the policy says of them now, as far as it is told, `auditGone` those of which
 * it says nothing any more.
 */
export function auditChange({ auditConfigDeltas }: JsonObject, { policy }: JsonObject): JsonObject {
  const services = [...new Set(list(auditConfigDeltas).map(({ service }) => service))].filter(
    (service) => typeof service === 'string',
  )
  if (services.length === 0) return {}
  const told = isObject(policy) && policy.auditConfigs !== undefined ? list(policy.auditConfigs) : null
  const held = services.map((service) => ({
    service,
    config: told?.find((config) => config.service === service),
  }))
  return {
    audited: held
      .filter(({ config }) => told === null || config !== undefined)
      .map(({ service, config }) => ({
        service,
        ...(config !== undefined && { auditLogConfigs: config.auditLogConfigs ?? [] }),
      })),
    auditGone:
      told === null
        ? []
        : held.filter(({ config }) => config === undefined).map(({ service }) => ({ service })),
  }
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
