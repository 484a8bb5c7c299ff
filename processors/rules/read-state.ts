import { isHashed } from '../../schemas/hashed-value.ts'
import type { JsonObject } from '../finding.ts'
import { valuesAt } from './attribute-path.ts'
import type { AttributePattern } from './attribute-pattern.ts'
import type { Reading } from './operator.ts'

/** Tags and labels that the provider's configuration adds are in a second map. */
const wholeMaps: readonly [prefix: string, whole: string][] = [
  ['tags.', 'tags_all.'],
  ['labels.', 'effective_labels.'],
]

/** What the state says of an attribute. What it holds only hashed, and what no state holds, is not known. */
export function readState(known: JsonObject | null, { text, isGlob }: AttributePattern): Reading {
  if (known === null) return { values: [], complete: false }
  const found = find(known, text, isGlob)
  const values = found.filter((value) => !isHashed(value))
  const absent = found.length === 0 && !isGlob
  return { values: absent ? [null] : values, complete: values.length === found.length }
}

function find(attributes: JsonObject, text: string, isGlob: boolean) {
  const found = valuesAt(attributes, text)
  for (const [prefix, whole] of wholeMaps) {
    if (!text.startsWith(prefix) || (found.length > 0 && !isGlob)) continue
    found.push(...valuesAt(attributes, whole + text.slice(prefix.length)))
  }
  return found
}
