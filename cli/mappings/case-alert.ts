import { canonicalText } from '../../processors/compare/canonical.ts'
import { statements } from '../../processors/compare/policy.ts'
import type { Json } from '../../processors/finding.ts'
import { isObject } from '../../processors/paths.ts'
import type { Alert } from '../../schemas/types.ts'
import type { Expected } from './case-format.ts'

/** What a case compares of an alert. */
export interface CaseAlert {
  type: string
  /** The address in the state; of an unmanaged resource its type. */
  resource: string
  /** null: any. */
  id: string | null
  /** How many other addresses hold it. */
  alsoManagedBy: number
  /** By attribute. */
  diffs: Readonly<Record<string, CaseDiff>>
}

/** `hidden`: sensitive, and without values. */
export type CaseDiff = 'hidden' | readonly [oldValue: Json, newValue: Json]

/** The alert that a case expects. */
export function expectedAlert({ id, ...rest }: Expected): CaseAlert {
  return { ...rest, id: id ?? null }
}

/** The alert that `detect` gave. */
export function gotAlert({ type, resource, diffs }: Alert): CaseAlert {
  const compared = diffs.map(({ attribute, oldValue, newValue, sensitive }): [string, CaseDiff] => {
    const isHidden = sensitive && oldValue === null && newValue === null
    return [attribute, isHidden ? 'hidden' : [parsed(oldValue), parsed(newValue)]]
  })
  return {
    type,
    resource: resource?.address ?? resource?.type ?? '',
    id: resource?.id ?? null,
    alsoManagedBy: resource?.alsoManagedBy.length ?? 0,
    diffs: Object.fromEntries(compared),
  }
}

export function sameAlert(expected: CaseAlert, got: CaseAlert): boolean {
  return (
    expected.type === got.type &&
    expected.resource === got.resource &&
    (expected.id === null || expected.id === got.id) &&
    expected.alsoManagedBy === got.alsoManagedBy &&
    Object.keys(expected.diffs).length === Object.keys(got.diffs).length &&
    Object.entries(expected.diffs).every(([attribute, diff]) => sameDiff(diff, got.diffs[attribute]))
  )
}

/** null, "" and an empty list all mean that there is nothing on that side. */
export function sameDiff(a: CaseDiff | undefined, b: CaseDiff | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  return meaning(a[0]) === meaning(b[0]) && meaning(a[1]) === meaning(b[1])
}

/** One text for what means the same: sets in any order, policy statements and texts of JSON in any spelling. */
function meaning(value: Json): string {
  return canonicalText(inOrder(value))
}

function inOrder(value: Json): Json {
  if (typeof value === 'string') return opened(value)
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inOrder(inner)]))
  if (!Array.isArray(value)) return value
  const isPolicy = value.length > 0 && value.every((one) => isObject(one) && 'Effect' in one)
  const policy = isPolicy ? statements({ Statement: value }, { trust: false }) : null
  return policy ? [...policy.keys()].sort() : value.map((one) => canonicalText(inOrder(one))).sort()
}

function opened(text: string): Json {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return inOrder(JSON.parse(text) as Json)
  } catch {
    return text
  }
}

function parsed(text: string | null): Json {
  return text === null ? null : (JSON.parse(text) as Json)
}
