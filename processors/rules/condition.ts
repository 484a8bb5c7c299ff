import { attributePattern, rootOf } from './attribute-pattern.ts'
import type { AttributeCondition, Condition, ElementCondition } from './condition-schema.ts'
import { elementOf } from './element-of.ts'
import type { Operator } from './operator.ts'
import { operators } from './operators/index.ts'
import { type Subject, viewOf } from './subject.ts'
import { patternsOf, terraformName } from './terraform-name.ts'

const byName = new Map<string, Operator>(
  operators.map((operator) => [operator.name, operator as unknown as Operator]),
)

/** Whether a condition holds of a finding. */
export function compileCondition(condition: Condition): (subject: Subject) => boolean {
  if ('element_of' in condition) {
    const { element_of, all } = condition as ElementCondition
    return elementOf(element_of, groupOf(all))
  }
  if ('all' in condition) {
    const all = groupOf(condition.all)
    return (subject) => all.every((holds) => holds(subject))
  }
  if ('any' in condition) {
    const any = groupOf(condition.any)
    return (subject) => any.some((holds) => holds(subject))
  }
  if ('not' in condition) {
    const holds = compileCondition(condition.not as Condition)
    return (subject) => !holds(subject)
  }
  return compileAttribute(condition as AttributeCondition)
}

function groupOf(conditions: unknown): ((subject: Subject) => boolean)[] {
  return (conditions as Condition[]).map(compileCondition)
}

function compileAttribute({ attribute, operator, ...args }: AttributeCondition) {
  const test = byName.get(operator)!.test(args)
  const patternFor = patternsOf(attribute)
  return (subject: Subject) => test(viewOf(subject, patternFor(subject)))
}

/**
 * The first steps of the attributes of which one must have changed for the condition to hold; null where it may hold
 * whatever changed. Rules are found by them. An attribute has its name in Terraform, for this type, as well.
 */
export function rootsOf(condition: Condition, type: string | null = null): string[] | null {
  const roots = (one: Condition) => rootsOf(one, type)
  if ('element_of' in condition) {
    const { element_of, all } = condition as ElementCondition
    const { root } = attributePattern(element_of)
    return root !== null && all.some((one) => roots(one) !== null) ? [root] : null
  }
  if ('all' in condition) return fewest((condition.all as Condition[]).map(roots))
  if ('any' in condition) {
    const either = (condition.any as Condition[]).map(roots)
    return either.every((one) => one !== null) ? either.flat() : null
  }
  if ('not' in condition) return null
  const { attribute, operator } = condition as AttributeCondition
  const { root } = attributePattern(attribute)
  if (root === null || !byName.get(operator)!.needsChange) return null
  const name = type && terraformName(type, attribute)
  return name ? [root, rootOf(name)!] : [root]
}

/** Of what must all be, one is enough to find a rule by. */
export function fewest(roots: readonly (string[] | null)[]): string[] | null {
  return roots.filter((one) => one !== null).sort((a, b) => a.length - b.length)[0] ?? null
}

/** Every attribute that the condition speaks of. */
export function attributesOf(condition: Condition): string[] {
  if ('element_of' in condition) return [(condition as ElementCondition).element_of]
  if ('all' in condition) return (condition.all as Condition[]).flatMap(attributesOf)
  if ('any' in condition) return (condition.any as Condition[]).flatMap(attributesOf)
  if ('not' in condition) return attributesOf(condition.not as Condition)
  return [(condition as AttributeCondition).attribute]
}
