import { isHashed } from '../../schemas/hashed-value.ts'
import type { Finding, Json } from '../finding.ts'
import { attributeAt, isWithin } from './attribute-path.ts'
import { NamedChange } from './named-change.ts'
import type { AttributeView } from './operator.ts'

/** What rules look at: a finding whose diffs are known by every name that a rule may use. */
export interface Subject {
  finding: Finding
  changes: readonly NamedChange[]
}

export function subjectOf(finding: Finding): Subject {
  return { finding, changes: finding.diffs.map((diff) => new NamedChange(diff, finding)) }
}

/** An attribute as a condition's operator sees it. Made for every condition that is tried: it must cost little. */
class AttributeOfSubject implements AttributeView {
  readonly changes: readonly NamedChange[]
  readonly #subject: Subject
  readonly #attribute: string

  constructor(subject: Subject, attribute: string, changes: readonly NamedChange[]) {
    this.#subject = subject
    this.#attribute = attribute
    this.changes = changes
  }

  get value(): Json | undefined {
    const exact = this.changes.find(({ names }) => names.includes(this.#attribute))
    if (exact) return exact.after
    const outdated = this.changes.length > 0 || isPartOfChange(this.#subject, this.#attribute)
    return outdated ? undefined : unchangedValue(this.#subject, this.#attribute)
  }
}

const unchanged: readonly NamedChange[] = []

export function viewOf(subject: Subject, attribute: string): AttributeView {
  let changes: NamedChange[] | null = null
  for (const change of subject.changes) {
    if (!change.concerns(attribute)) continue
    changes ??= []
    changes.push(change)
  }
  return new AttributeOfSubject(subject, attribute, changes ?? unchanged)
}

/** Something above the attribute changed as a whole: what the state says of the attribute may be outdated. */
function isPartOfChange({ changes }: Subject, attribute: string): boolean {
  return changes.some(({ names }) => names.some((name) => isWithin(attribute, name)))
}

/** Tags and labels that the provider's configuration adds are in a second map. */
const wholeMaps: readonly [prefix: string, whole: string][] = [
  ['tags.', 'tags_all.'],
  ['labels.', 'effective_labels.'],
]

function unchangedValue({ finding: { row } }: Subject, attribute: string): Json | undefined {
  if (row === null) return undefined
  let value = attributeAt(row.attributes, attribute)
  for (const [prefix, whole] of wholeMaps) {
    if (value !== undefined || !attribute.startsWith(prefix)) continue
    value = attributeAt(row.attributes, whole + attribute.slice(prefix.length))
  }
  return isHashed(value) ? undefined : (value ?? null)
}
