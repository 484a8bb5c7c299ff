import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRuleJudge, type RuleTestResult } from '../../cli/rules/judge-rule.ts'
import { loadRules } from '../../processors/rules/load.ts'
import type { Rule } from '../../processors/rules/schema.ts'
import { readRuleFiles, shippedRulesDir } from '../../rules/index.ts'

const { rules } = loadRules(readRuleFiles([shippedRulesDir]))
const judge = createRuleJudge()

/** Those of the architecture document stand as they are, without what every other rule must have. */
const own = rules.filter(({ file }) => !file.endsWith('-security-critical.yaml'))

const byId = (some: readonly Rule[]) => some.map((rule) => [rule.id, rule] as const)
const failures = (results: readonly RuleTestResult[]) =>
  results.filter(({ fault }) => fault !== null).map(({ test, fault }) => `${test.name}: ${fault}`)
const expecting = (rule: Rule, what: 'match' | 'no-match') =>
  (rule.tests ?? []).filter((one) => one.expect === what)

describe.each(byId(rules))('%s', (_, rule) => {
  it('has two tests that match and two that do not, each with a name of its own', () => {
    expect(expecting(rule, 'match').length).toBeGreaterThanOrEqual(2)
    expect(expecting(rule, 'no-match').length).toBeGreaterThanOrEqual(2)
    const names = rule.tests!.map(({ name }) => name)
    expect([...new Set(names)]).toEqual(names)
  })

  it('passes its tests', async () => {
    expect(failures(await judge(rule))).toEqual([])
  })

  it('is missed where it is switched off: each of its matches fails', async () => {
    const off = { ...rule, resource_types: ['none'], tests: expecting(rule, 'match') }
    expect(failures(await judge(off))).toHaveLength(off.tests.length)
  })
})

const selective = rules.filter(({ conditions, events }) => conditions.length > 0 || events)

it.each(byId(selective))(
  '%s looks closer than at the type of resource: without its conditions a test fails',
  async (_, rule) => {
    const all: Rule = {
      ...rule,
      types: ['attribute_drift', 'unmanaged_resource', 'resource_deleted'],
      conditions: [],
      events: ['*'],
      filters: [],
      tests: expecting(rule, 'no-match'),
    }
    expect(failures(await judge(all))).not.toEqual([])
  },
)

it.each(byId(own))('%s says why it matters, what to do, and where to read on', (_, rule) => {
  expect(rule.description, 'description').toMatch(/\S{3}/)
  expect(rule.remediation, 'remediation').not.toEqual([])
  expect(rule.references, 'references').not.toEqual([])
  expect(rule.actions, 'the default routing').toEqual([])
  expect(rule.id).toMatch(new RegExp(`^${path.basename(rule.file).split('-')[0]}-\\d{3}$`))
})

it('the packs of a cloud tell grave things from lesser ones, and names apart', () => {
  for (const cloud of ['aws', 'gcp', 'azure']) {
    const ofCloud = rules.filter(({ id }) => id.startsWith(`${cloud}-`))
    const severities = new Set(ofCloud.map(({ severity }) => severity))
    expect([...severities]).toEqual(expect.arrayContaining(['critical', 'high', 'medium']))
    expect(ofCloud.filter(({ severity }) => severity === 'critical').length).toBeLessThan(ofCloud.length / 2)
  }
  const names = rules.map(({ id, name }) => `${id.split('-')[0]}: ${name}`)
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
})
