import { sha256 } from '../hash.ts'
import { type CompiledRule, compileRule } from './compile.ts'
import type { Rule } from './schema.ts'

const ofResources: NonNullable<Rule['types']> = ['attribute_drift', 'unmanaged_resource', 'resource_deleted']
const ofSignals: NonNullable<Rule['types']> = ['signal']

/** Compiles rules; each step of a pattern is found and judged like a rule of its own. */
export function compileRules(rules: readonly Rule[]): CompiledRule[] {
  return rules.flatMap((rule): CompiledRule[] => {
    const { threshold, pattern } = rule
    if (!threshold && !pattern) return [compileRule(rule)]
    const version = versionOf(rule)
    if (!pattern) return [{ ...compileRule(rule), counts: { rule, version, step: 0 } }]
    return pattern.steps.map((step, index) => ({
      ...compileRule(stepRule(rule, step)),
      counts: { rule, version, step: index },
    }))
  })
}

/** Stands for all that a rule says of what counts, and for none of what it says of its alert. */
function versionOf(rule: Rule): string {
  const { name, description, severity, actions, remediation, runbook, references, tests, file, ...rest } =
    rule
  return sha256(JSON.stringify(rest)).slice(0, 8)
}

/** A step that names no types is of whatever resource, changed, made or deleted. */
function stepRule(rule: Rule, step: NonNullable<Rule['pattern']>['steps'][number]): Rule {
  const types = step.types ?? (step.tags || step.priority ? ofSignals : ofResources)
  const resourceTypes = types.includes('signal') ? undefined : (step.resource_types ?? ['*'])
  return { ...rule, ...step, types, resource_types: resourceTypes }
}
