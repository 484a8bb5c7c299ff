import type { JsonObject } from '../../finding.ts'
import { isObject } from '../../paths.ts'

/**
 * S3 mixes the query, headers and the XML body. Older records have a list for each name of the query and each header;
 * a body without anything in it is an empty text.
 */
export function s3Parameters(request: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(request).map(([name, value]) => {
      if (Array.isArray(value) && value.length === 1 && !isObject(value[0])) return [name, value[0]!]
      return value === '' && /^([A-Z]\w*)?(Configuration|Status|Policy|Controls|Tagging)$/.test(name)
        ? [name, {}]
        : [name, value]
    }),
  )
}
