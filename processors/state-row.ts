import type { StateSnapshot } from '../schemas/types.ts'
import type { JsonObject, StateRow } from './finding.ts'

/** A record of state-snapshot with its attributes parsed; null for the marker that a generation is complete. */
export function stateRow(key: string, snapshot: StateSnapshot): StateRow | null {
  const { resource, source, lineage, serial } = snapshot
  if (!resource) return null
  return {
    key,
    source,
    lineage,
    serial,
    address: resource.address,
    type: resource.type,
    name: resource.name,
    account: resource.account,
    region: resource.region,
    id: resource.id,
    arn: resource.arn,
    deposedKey: resource.deposedKey,
    dependencies: resource.dependencies,
    directDependencies: resource.directDependencies,
    attributes: JSON.parse(resource.attributes) as JsonObject,
  }
}
