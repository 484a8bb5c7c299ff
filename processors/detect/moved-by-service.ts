import type { Comparison } from '../compare/compare.ts'
import type { CloudCall } from '../finding.ts'

/** Autoscaling moves capacity by itself: what the service's own role sets there is no drift, what a person sets is. */
export function unlessMoved(
  comparisons: readonly Comparison[],
  { actor }: CloudCall,
  attributes: readonly string[],
): Comparison[] {
  const isOwnRole = actor.type === 'AWSService' || /\bAWSServiceRoleFor/.test(actor.sessionIssuer ?? '')
  return comparisons.map((comparison) => {
    const moved = isOwnRole && actor.tool === 'service' && attributes.includes(comparison.attribute)
    if (!moved) return comparison
    const { attribute, slot, apiName, sensitive } = comparison
    return { attribute, slot, apiName, sensitive, equal: true, law: 'moved by the service itself' }
  })
}
