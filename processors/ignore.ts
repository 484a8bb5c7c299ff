import type { Comparison } from './compare/compare.ts'
import type { Draft } from './detect/step.ts'
import { glob } from './glob.ts'
import type { Ignored, IgnoreLine } from './ignore-list.ts'
import { withoutIndexes } from './rules/attribute-path.ts'
import { attributePattern } from './rules/attribute-pattern.ts'

interface Compiled {
  line: IgnoreLine
  fitsResource: (name: string) => boolean
  /** null: the whole resource. */
  fitsAttribute: ((name: string) => boolean) | null
}

/**
 * Takes from a verdict the differences that the lists say do not matter; of several lines that fit one the last decides.
 * What is taken away is not compared at all: it opens no drift and keeps none open.
 */
export function createIgnoring(lines: readonly IgnoreLine[]): (draft: Draft) => Draft {
  const compiled = lines.map(compileLine)
  return function ignoring(draft) {
    if (draft.reason !== null || compiled.length === 0) return draft
    const names = namesOf(draft)
    const fitting = compiled.filter(({ fitsResource }) => names.some(fitsResource))
    if (fitting.length === 0) return draft
    return draft.comparisons.some(isDifference) ? withoutParts(draft, fitting) : withoutAll(draft, fitting)
  }
}

function withoutParts(draft: Draft, fitting: readonly Compiled[]): Draft {
  const ignored = new Map<string, Ignored>()
  const comparisons = draft.comparisons.filter((one) => {
    if (!isDifference(one)) return true
    const by = decides(
      fitting,
      ({ fitsAttribute }) => fitsAttribute === null || namesIn(one).some(fitsAttribute),
    )
    if (by) ignored.set(one.attribute, { attribute: one.attribute, by })
    return by === null
  })
  if (ignored.size === 0) return draft
  const reason = comparisons.some(({ equal }) => !equal) ? null : ('ignored' as const)
  return { ...draft, comparisons, reason, ignored: [...ignored.values()] }
}

/** It came, went, or was changed in a way that is not compared. */
function withoutAll(draft: Draft, fitting: readonly Compiled[]): Draft {
  const by = decides(fitting, ({ fitsAttribute }) => fitsAttribute === null)
  if (!by) return draft
  const comparisons = draft.comparisons.filter(({ equal }) => equal)
  return { ...draft, comparisons, reason: 'ignored', ignored: [{ attribute: null, by }] }
}

function decides(fitting: readonly Compiled[], fits: (one: Compiled) => boolean): IgnoreLine | null {
  const last = fitting.findLast(fits)
  return last && !last.line.negated ? last.line : null
}

function isDifference({ equal, attribute }: Comparison): boolean {
  return !equal && attribute !== ''
}

/** What no state holds has no address: there its id stands in the place of the name. */
function namesOf({ row, resourceType, id }: Draft): string[] {
  return [resourceType, row ? row.address : `${resourceType}.${id}`]
}

function namesIn({ attribute, apiName }: Comparison): string[] {
  return [attribute, withoutIndexes(attribute), apiName]
}

function compileLine(line: IgnoreLine): Compiled {
  const { resource, attribute } = line
  const fitsResource = glob(resource)
  if (attribute === null) return { line, fitsResource, fitsAttribute: null }
  const { relate } = attributePattern(attribute)
  const fitsAttribute = (name: string) => ['same', 'below'].includes(relate(name) as string)
  return { line, fitsResource, fitsAttribute }
}
