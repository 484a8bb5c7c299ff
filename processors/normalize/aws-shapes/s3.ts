import type { Json, JsonObject } from '../../finding.ts'
import { isObject } from '../../paths.ts'

/**
 * S3 mixes the query, headers and the XML body. Older records have a list for each name of the query and each header;
 * a body without anything in it is an empty text.
 */
export function s3Parameters({ accessControlList, ...request }: JsonObject): JsonObject {
  const parameters = Object.fromEntries(
    Object.entries(request).map(([name, value]) => {
      if (Array.isArray(value) && value.length === 1 && !isObject(value[0])) return [name, value[0]!]
      return value === '' && /^([A-Z]\w*)?(Configuration|Status|Policy|Controls|Tagging)$/.test(name)
        ? [name, {}]
        : [name, value]
    }),
  )
  if (!isObject(accessControlList)) return parameters
  const Grant = Object.entries(accessControlList).flatMap(grantsOfHeader)
  return { AccessControlPolicy: { AccessControlList: { Grant } }, ...parameters }
}

const grantees: Readonly<Record<string, { type: string; field: string }>> = {
  id: { type: 'CanonicalUser', field: 'ID' },
  uri: { type: 'Group', field: 'URI' },
  emailAddress: { type: 'AmazonCustomerByEmail', field: 'EmailAddress' },
}

/** `x-amz-grant-read: uri="http://…", id="79a5…"` is what the body says as Grant. */
function grantsOfHeader([header, value]: [string, Json]): JsonObject[] {
  const permission = /^x-amz-grant-(.+)$/.exec(header)?.[1]?.replaceAll('-', '_').toUpperCase()
  if (permission === undefined) return []
  return [...String(value).matchAll(/(id|uri|emailAddress)=["']?([^"',\s]+)/g)].map(([, by, who]) => {
    const { type, field } = grantees[by!]!
    return { Grantee: { 'xsi:type': type, [field]: who! }, Permission: permission }
  })
}
