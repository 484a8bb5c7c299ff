import { isServicesOwnRole } from '../actor.ts'
import type { Comparison } from '../compare/compare.ts'
import type { CloudCall } from '../finding.ts'

/** Autoscaling moves capacity by itself: what the service's own role sets there says nothing, what a person sets does. */
export function unlessMoved(
  comparisons: Comparison[],
  { actor }: CloudCall,
  attributes: readonly string[],
): Comparison[] {
  if (attributes.length === 0 || !isServicesOwnRole(actor)) return comparisons
  return comparisons.filter(({ attribute }) => !attributes.includes(attribute))
}
