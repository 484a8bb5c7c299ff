import type { JsonObject } from '../../finding.ts'

/** {"attribute": "instanceType", "value": "t3.small"} is {"instanceType": "t3.small"}. */
export function spreadAttribute(request: JsonObject, nameKey: string, valueKey: string): JsonObject {
  const { [nameKey]: name, [valueKey]: value, ...rest } = request
  return typeof name === 'string' && value !== undefined ? { ...rest, [name]: value } : request
}
