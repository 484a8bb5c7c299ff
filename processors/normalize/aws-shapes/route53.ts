import type { Json, JsonObject } from '../../finding.ts'
import { isObject } from '../../paths.ts'

/**
 * Texts of records stand in quotes, names of aliases have a last dot, and those of load balancers may have `dualstack.`
 * before them: all are left out.
 */
export function route53Parameters(request: JsonObject): JsonObject {
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
    return {
      ...set,
      aliasTarget: { ...alias, dNSName: alias.dNSName.replace(/^dualstack\./i, '').replace(/\.$/, '') },
    }
  if (!Array.isArray(records) || !/^(?:TXT|SPF)$/.test(String(set.type))) return set
  const plain = (value: Json | undefined) =>
    typeof value === 'string' ? value.replace(/^"([\s\S]*)"$/, '$1') : (value ?? null)
  return {
    ...set,
    resourceRecords: records.map((one) => (isObject(one) ? { ...one, value: plain(one.value) } : one)),
  }
}
