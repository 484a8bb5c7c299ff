import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/**
 * What an entry of Compute Engine tells of the metadata of instances or of a project: the keys, never the values.
 *  - `metadataItems`: each with its `key`, and a mask as its `value`, or null where it was taken away;
 *  - `metadataSet` and `metadataGone`: the same as two lists;
 *  - `metadataMap`: the same as a map, without the startup script, which is `startupScript`.
 */
export function metadataChange(
  { instanceMetadataDelta, projectMetadataDelta }: JsonObject,
  body: JsonObject = {},
): JsonObject {
  const delta = [instanceMetadataDelta, projectMetadataDelta, olderDelta(body)].find(isObject)
  if (delta === undefined) return {}
  const set = [...keys(delta.addedMetadataKeys), ...keys(delta.modifiedMetadataKeys)]
  const items = [
    ...set.map((key) => ({ key, value: '****' as Json })),
    ...keys(delta.deletedMetadataKeys).map((key) => ({ key, value: null as Json })),
  ]
  const script = items.find(({ key }) => key === STARTUP)
  const others = items.filter(({ key }) => key !== STARTUP)
  return {
    metadataItems: items,
    metadataSet: items.filter(({ value }) => value !== null),
    metadataGone: items.filter(({ value }) => value === null),
    ...(others.length > 0 && {
      metadataMap: Object.fromEntries(others.map(({ key, value }) => [key, value])),
    }),
    ...(script && { startupScript: script.value }),
  }
}

/** Until 2022 or so the keys stood in the body, under these names. */
const olderKeys: Readonly<Record<string, string>> = {
  'Metadata Keys Added': 'addedMetadataKeys',
  'Metadata Keys Modified': 'modifiedMetadataKeys',
  'Metadata Keys Deleted': 'deletedMetadataKeys',
}

function olderDelta(body: JsonObject): JsonObject | undefined {
  const entries = Object.entries(olderKeys).flatMap(([name, key]) =>
    name in body ? [[key, body[name]!]] : [],
  )
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

const STARTUP = 'startup-script'

function keys(list: Json | undefined): string[] {
  return (Array.isArray(list) ? list : []).filter((key) => typeof key === 'string')
}
