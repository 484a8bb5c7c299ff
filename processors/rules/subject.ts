import type { AttributeDiff } from '../../schemas/types.ts'
import type { Finding, JsonObject } from '../finding.ts'
import type { AttributePattern } from './attribute-pattern.ts'
import { NamedChange } from './named-change.ts'
import type { AttributeView, Change, Reading } from './operator.ts'
import { partOf } from './part-of-change.ts'
import { readState } from './read-state.ts'

/** What rules look at: a finding whose diffs are known by every name that a rule may use. */
export interface Subject {
  finding: Finding
  changes: readonly NamedChange[]
  /** The attributes that the event left alone, as the state says; null where none holds the resource. */
  known: JsonObject | null
}

export function subjectOf(finding: Finding): Subject {
  const diffs = [...finding.diffs, ...diffsOfMade(finding)]
  const changes = diffs.map((diff) => new NamedChange(diff, finding))
  return { finding, changes, known: finding.row?.attributes ?? null }
}

/** What a call made of a resource that no state holds was not there before. */
function diffsOfMade({ made = {} }: Finding): AttributeDiff[] {
  return Object.entries(made).map(([attribute, value]) => ({
    attribute,
    oldValue: null,
    newValue: JSON.stringify(value),
    changeType: 'added',
    sensitive: false,
  }))
}

const unknown: Reading = { values: [], complete: false }
const none: readonly Change[] = []

/** An attribute as a condition's operator sees it. Made for every condition that is tried: it must cost little. */
class AttributeOfSubject implements AttributeView {
  readonly changes: readonly Change[]
  readonly #subject: Subject
  readonly #attribute: AttributePattern
  /** The changes of just the attribute. */
  readonly #own: readonly Change[]
  /** The attribute is touched by a change that does not tell its value. */
  readonly #outdated: boolean

  constructor(subject: Subject, attribute: AttributePattern) {
    let changes: Change[] | null = null
    let own: Change[] | null = null
    let outdated = false
    for (const change of subject.changes) {
      const relation = change.relate(attribute)
      if (relation === null) continue
      const part = typeof relation === 'object' ? partOf(change, relation.rest, attribute.isGlob) : change
      if (relation === 'below' || part === 'unknown') outdated = true
      else if (part !== 'unchanged') own = [...(own ?? []), part]
      if (typeof part === 'object') changes = [...(changes ?? []), part]
    }
    this.#subject = subject
    this.#attribute = attribute
    this.changes = changes ?? none
    this.#own = own ?? none
    this.#outdated = outdated
  }

  get new(): Reading {
    return this.#read('after')
  }

  get old(): Reading {
    return this.#read('before')
  }

  #read(side: 'before' | 'after'): Reading {
    if (this.#own.length === 0)
      return this.#outdated ? unknown : readState(this.#subject.known, this.#attribute)
    const values = this.#own.flatMap((change) => {
      const value = change[side]
      if (value === undefined) return []
      // A part of a change, seen through wildcards, is a list of what was found there.
      return this.#attribute.isGlob && !(change instanceof NamedChange) ? (value as []) : [value]
    })
    const complete = !this.#outdated && this.#own.every((change) => change[side] !== undefined)
    return { values, complete }
  }
}

export function viewOf(subject: Subject, attribute: AttributePattern): AttributeView {
  return new AttributeOfSubject(subject, attribute)
}
