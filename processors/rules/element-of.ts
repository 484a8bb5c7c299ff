import type { Json } from '../finding.ts'
import { isObject } from '../paths.ts'
import { valuesAt } from './attribute-path.ts'
import { type AttributePattern, attributePattern } from './attribute-pattern.ts'
import { cameBy } from './came-and-went.ts'
import { NamedChange } from './named-change.ts'
import type { Change } from './operator.ts'
import { partOf } from './part-of-change.ts'
import type { Subject } from './subject.ts'

/**
 * Whether conditions hold, all of them, of one element of a list, such as a rule of a security group: of one that the
 * event added or changed, or, where it left the list alone, of one that the state holds.
 */
export function elementOf(
  list: string,
  conditions: readonly ((subject: Subject) => boolean)[],
): (subject: Subject) => boolean {
  const pattern = attributePattern(list)
  return (subject) => elementsOf(subject, pattern).some((one) => conditions.every((holds) => holds(one)))
}

/** Each element as a subject of its own: the paths of conditions begin there. */
function elementsOf(subject: Subject, list: AttributePattern): Subject[] {
  const { finding, changes, known } = subject
  const found: Subject[] = []
  const element = (one: Json): Subject[] => (isObject(one) ? [{ finding, changes: [], known: one }] : [])
  let untouched = true
  for (const change of changes) {
    const relation = change.relate(list)
    if (relation === null) continue
    if (relation === 'below') found.push(...touched(subject, change, list))
    else {
      const part = relation === 'same' ? change : partOf(change, relation.rest, list.isGlob)
      if (part === 'unchanged') continue
      if (part !== 'unknown') found.push(...setBy(part).flatMap(element))
    }
    untouched = false
  }
  if (!untouched) return merged(found)
  return valuesAt(known ?? undefined, list.text)
    .flat()
    .flatMap(element)
}

/** The elements that a change of the whole list added; of a block that stands alone, what became of it. */
function setBy(change: Pick<Change, 'before' | 'after'>): Json[] {
  return isObject(change.after) ? [change.after] : cameBy(change)
}

/** The element of which the event changed a part: ingress[1].from_port is from_port of the second one. */
function touched({ finding, known }: Subject, change: NamedChange, list: AttributePattern): Subject[] {
  const name = change.names.find((one) => list.relate(one) === 'below')!
  const [, rest] = /^(?:\[\d+\])?\.(.+)$/.exec(name.slice(list.text.length)) ?? []
  if (list.isGlob || rest === undefined) return []
  const { diff } = change
  const path = diff.attribute.endsWith(`.${rest}`) ? diff.attribute.slice(0, -rest.length - 1) : null
  const held = path === null ? undefined : valuesAt(known ?? undefined, path)[0]
  const own = new NamedChange({ ...diff, attribute: rest }, { apiNames: {} })
  return [{ finding, changes: [own], known: isObject(held) ? held : null }]
}

/** Several changes of parts of one element are changes of one. */
function merged(found: readonly Subject[]): Subject[] {
  const byElement = new Map<unknown, Subject>()
  for (const one of found) {
    const element = one.known ?? one
    const earlier = byElement.get(element)
    byElement.set(element, earlier ? { ...one, changes: [...earlier.changes, ...one.changes] } : one)
  }
  return [...byElement.values()]
}
