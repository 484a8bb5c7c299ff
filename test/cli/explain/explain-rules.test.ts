import { expect, test } from 'vitest'
import { rulesExplainer } from '../../../cli/explain/explain-rules.ts'
import { aDiff, aFinding, aPattern, aRule } from '../../processors/a-finding.ts'

const rule = aRule(`conditions:
  - any:
      - { attribute: ebs_optimized, operator: changed }
      - all: [{ attribute: monitoring, operator: exists }, { attribute: tags.Env, operator: in, value: [a, b] }]
  - not: { attribute: instance_type, operator: glob, value: "*.micro", of: old }`)

const text =
  '(ebs_optimized changed or (monitoring exists and tags.Env in ["a", "b"])); ' +
  'not instance_type glob "*.micro" of "old"'

test('conditions of conditions are told as sentences, of a rule that matches and of one that does not', () => {
  const explain = rulesExplainer([rule])
  const diffs = [aDiff('instance_type', 't3.large', 't3.small')]
  const matching = aFinding({ diffs: [...diffs, aDiff('ebs_optimized', true, false)] })
  expect(explain(matching)).toMatchObject([{ matches: true, because: text }])
  expect(explain(aFinding({ diffs }))).toMatchObject([
    { matches: false, because: `it asks for ${text.split('; ')[0]}` },
  ])
})

test('of an expression it is said whether it holds, and why it cannot be evaluated', () => {
  const explained = (expression: string) =>
    rulesExplainer([aRule(`expression: '${expression}'`)])(aFinding())[0]
  expect(explained('actor.tool == "cli"')).toMatchObject({ matches: true, because: 'its expression holds' })
  expect(explained('actor.tool == "sdk"')).toMatchObject({ because: 'its expression does not hold' })
  expect(explained('attributes.port == 22')).toMatchObject({
    matches: false,
    because: 'its expression cannot be evaluated: No such key: port',
  })
})

test.each([
  ['user_identity: { type: IAMUser }', 'this actor'],
  [
    'time_window: { days: [mon-fri, sun], from: "09:00", to: "17:00", timezone: Europe/Berlin }',
    'this time: mon-fri and sun from 09:00 to 17:00 (Europe/Berlin)',
  ],
  [
    'time_window: { from: "01:00" }, user_identity: { type: "*" }',
    'this actor at this time: every day from 01:00 (UTC)',
  ],
])('a filter that skips says what it leaves out: %s', (filter, what) => {
  const skipping = aRule(`filters: [{ ${filter}, action: skip }]`)
  expect(rulesExplainer([skipping])(aFinding())).toMatchObject([
    { matches: false, because: `its filter leaves out ${what}` },
  ])
})

test('of rules of several events it is told as what the event counts, and why not', () => {
  const explain = rulesExplainer([
    aRule('threshold: { count: 5, window: 10m, by: [actor, resource_type] }', 'many'),
    aPattern('[{ events: [ModifyInstanceAttribute] }, { events: [TerminateInstances] }]'),
  ])
  expect(explain(aFinding()).map(({ id, matches, because }) => [id, matches, because])).toEqual([
    ['chain', false, 'it counts as step 1 of 2 within 1h by actor'],
    ['chain', false, 'it is for the event TerminateInstances only'],
    ['many', false, 'it counts as one of 5 within 10m by actor and resource type'],
  ])
})
