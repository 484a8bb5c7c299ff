import { z } from 'zod'
import type { JsonObject } from '../finding.ts'

/** A record as people write it in labelled cases and in tests of rules; explained in mappings/cases/README.md. */
export const writtenRecord = z.custom<JsonObject>(isMap, {
  error: () => 'must be a map; write FIELD: VALUE lines',
})

const address = /^[a-z]\w*_\w+\.[\w-]+$/

/** A Terraform state: attributes by TYPE.NAME, or the resources of format 4. */
export const writtenState = z.union([
  z.record(z.string(), writtenRecord).refine((rows) => Object.keys(rows).every((key) => address.test(key)), {
    error: 'has an address that is not TYPE.NAME; write modules and indices as a list of v4 resources',
  }),
  z.array(writtenRecord),
])

export type WrittenState = z.output<typeof writtenState>

/** The `resources[]` of a state in Terraform's format 4. */
export function resourcesOf(state: WrittenState): readonly JsonObject[] {
  if (Array.isArray(state)) return state
  return Object.entries(state).map(([name, attributes]) => {
    const [type = '', label = ''] = name.split('.')
    const provider = `provider["registry.terraform.io/hashicorp/${type.split('_')[0]}"]`
    return {
      mode: 'managed',
      type,
      name: label,
      provider,
      instances: [{ schema_version: 0, attributes }],
    }
  })
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
