import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../../processors/finding.ts'
import { createMatcher } from '../../../../processors/match.ts'
import { compileExpression } from '../../../../processors/rules/expression/compile-expression.ts'
import { ExpressionFault } from '../../../../processors/rules/expression/expression-fault.ts'
import { subjectOf } from '../../../../processors/rules/subject.ts'
import { hashValue } from '../../../../schemas/hashed-value.ts'
import { aCall, aDiff, aFinding, anActor, aRow, aRule, aSecretDiff } from '../../a-finding.ts'

const hashed = hashValue(Buffer.alloc(32, 1), 'secret')

const attributes: JsonObject = {
  id: 'sg-1',
  port: 443,
  ratio: 0.5,
  note: 'Prod-1',
  kms_key_id: null,
  password: hashed,
  nested: { token: hashed, keep: true },
  mixed: [hashed, 'seen'],
  cidrs: ['10.0.0.0/8', '0.0.0.0/0'],
  ['__proto__']: 'own',
  tags: { Environment: 'production' },
  tags_all: { Environment: 'production', Team: 'net' },
}

const finding = aFinding({
  row: { ...aRow(attributes), type: 'aws_security_group' },
  diffs: [aDiff('ingress[0].from_port', 80, 22), aDiff('ingress', undefined, [{ port: 22 }]), aSecretDiff],
  call: aCall({ actor: anActor({ tool: 'console', mfa: null }) }),
})

const judged = (source: string, over = finding) => compileExpression(source)(subjectOf(over))

it.each([
  'resource.type == "aws_security_group" && diffs.exists(d, d.attribute.startsWith("ingress")) && actor.tool == "console"',
  'alert.type == "attribute_drift" && alert.compared',
  'actor.name == "alice" && actor.sourceIp.startsWith("203.0.113.")',
  'event.name == "ModifyInstanceAttribute" && event.service == "ec2.amazonaws.com"',
  'account == "123456789012" && region in ["eu-west-1", "eu-west-2"]',
  'time < timestamp("2026-03-01T11:00:00Z") && time.getHours() == 10 && time.getDayOfWeek() == 0',
  'time.getHours("Europe/Berlin") == 11',
  'time - timestamp("2026-03-01T09:00:00Z") > duration("1h")',
  'diffs.exists(d, d.changeType == "added" && d.new.exists(n, n.port == 22))',
  'diffs.exists(d, has(d.old) && d.old == 80 && d.new < d.old)',
  'attributes.port == 443 && attributes.port >= 443.0 && attributes.ratio < 1.0',
  '"0.0.0.0/0" in attributes.cidrs',
  'attributes.cidrs.filter(c, c.endsWith("/0")).size() == 1',
  'attributes.kms_key_id == null',
  'attributes.note.lowerAscii().matches("^prod-[0-9]+$")',
  'tags.Environment == "production" && tags["Team"] == "net" && !has(tags.Owner)',
  'actor.mfa == null && actor.email == ""',
  'attributes["__proto__"] == "own"',
  'size(attributes.cidrs + ["::/0"]) == 3',
])('holds: %s', (source) => {
  expect(judged(source)).toBe(true)
})

it.each([
  'actor.email.endsWith("@example.com")',
  'actor.mfa == false',
  'attributes.port == "443"',
  'attributes.kms_key_id == "x"',
  'diffs.all(d, d.changeType == "removed")',
])('does not hold: %s', (source) => {
  expect(judged(source)).toBe(false)
})

describe('what is secret', () => {
  it.each([
    'has(attributes.password)',
    'has(attributes.nested.token)',
    'attributes.mixed.size() == 2',
    'diffs.exists(d, d.sensitive && (has(d.old) || has(d.new)))',
    'attributes == {"a": 1}',
  ])('is absent: %s', (source) => {
    expect(judged(source)).toBe(false)
  })

  it('shows in no message of an error', () => {
    const answer = judged('attributes.password == "x"')
    expect(answer).toEqual({ error: 'No such key: password' })
  })
})

describe('what cannot be evaluated is told, and is no match', () => {
  it.each([
    ['attributes.nothing == 1', 'No such key: nothing'],
    ['attributes.note > 3', 'no such overload: dyn<string> > int'],
    ['attributes.port.matches("4")', "found no matching overload for 'int.matches(string)'"],
    ['attributes.port', 'gives neither true nor false'],
    ['int(attributes.note) == 1', 'int() type error: cannot convert to int'],
    ['!(attributes.nothing == 1)', 'No such key: nothing'],
  ])('%s', (source, error) => {
    expect(judged(source)).toEqual({ error })
  })

  it('but where another part decides', () => {
    expect(judged('attributes.nothing == 1 || actor.tool == "console"')).toBe(true)
    expect(judged('attributes.nothing == 1 && actor.tool == "cli"')).toBe(false)
  })

  it('as is all that looks at the state of what no state holds', () => {
    expect(judged('attributes.port == 443', aFinding({ row: null }))).toEqual({ error: 'No such key: port' })
  })
})

describe('a fault is found when the rules are loaded', () => {
  it.each<[string, string, string | RegExp, number]>([
    ['actor.tool == ', 'Unexpected token: EOF', /rules\/README/, 14],
    ['actr.tool == "cli"', 'Unknown variable: actr', 'did you mean actor?', 0],
    ['actor.tol == "cli"', 'No such key: tol', 'did you mean tool?', 6],
    ['diffs.exists(d, d.atribute == "a")', 'No such key: atribute', 'did you mean attribute?', 18],
    ['account == 1', 'no such overload: string == int', /rules\/README/, 0],
    ['account', 'gives string, not true or false', /compare/, 0],
    ['diffs.map(d, d.attribute) == []', 'has no function map', /use all, exists/, 0],
    ['account.startWith("1")', 'has no function startWith', 'did you mean startsWith?', 0],
    ['cel.bind(x, account, x == "1")', 'has no function bind', /int/, 0],
    ['account.matches("(a)\\\\1")', 'matches "(a)\\\\1", which RE2 does not know', /look-around/, 16],
    ['time - time > duration(region)', 'has a duration that is not written here', /"90m"/, 14],
    ['account.matches(region)', 'matches what is not written here', /as a text/, 0],
    [
      'diffs.exists(a, diffs.exists(b, diffs.exists(c, true)))',
      'has more than 2 of all, exists, exists_one and filter within each other',
      /split/,
      32,
    ],
    [`account == "${'x'.repeat(4_000)}"`, 'is longer than 4000 characters', /split/, 0],
  ])('%s', (source, message, fix, at) => {
    const fault = faultOf(source)
    expect(fault).toMatchObject({ message, at })
    if (typeof fix === 'string') expect(fault.fix).toBe(fix)
    else expect(fault.fix).toMatch(fix)
  })

  it('as are more nodes or more depth than anybody needs', () => {
    expect(faultOf(Array(200).fill('alert.compared').join(' || ')).message).toMatch(/Exceeded max/)
    expect(faultOf(`${'('.repeat(100)}true${')'.repeat(100)}`).message).toMatch(/Exceeded max/)
  })

  function faultOf(source: string): ExpressionFault {
    try {
      compileExpression(source)
    } catch (error) {
      if (error instanceof ExpressionFault) return error
      throw error
    }
    throw new Error('no fault')
  }
})

describe('an event is not held up', () => {
  const wide = (over: JsonObject) => aFinding({ row: aRow(over) })
  const many = (count: number): Json => Array.from({ length: count }, (_, i) => ({ name: `n${i}`, port: i }))

  it('by a regular expression that would go back and forth', () => {
    const over = wide({ note: `${'a'.repeat(50_000)}!` })
    const start = performance.now()
    expect(judged('attributes.note.matches("^(a+)+$")', over)).toBe(false)
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  it('by lists within lists: what could take too long is an error at once', () => {
    const source = 'attributes.l.exists(a, attributes.l.exists(b, a.port == b.port + 1000000))'
    expect(judged(source, wide({ l: many(90) }))).toBe(false)
    const start = performance.now()
    expect(judged(source, wide({ l: many(3_000) }))).toEqual({
      error: expect.stringMatching(/^would take up to \d+ steps here; 100000 are allowed$/),
    })
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  it.each([
    ['a predicate that is an error for each', 'attributes.l.exists(x, x.no == 1)', { l: many(15_000) }],
    ['errors within loops', 'attributes.l.exists(x, attributes.l.exists(y, x.no == y.no))', { l: many(110) }],
    [
      'long texts',
      'attributes.l.exists(x, x.matches("(a|b|c|d)*e$"))',
      { l: Array(40).fill('abcd'.repeat(2_000)) },
    ],
    ['time zones', 'attributes.l.exists(x, time.getHours("Europe/Berlin") == 30)', { l: many(190) }],
    [
      'comparisons of the whole',
      'attributes.l.exists(x, attributes.l == attributes.l && x.port < 0)',
      { l: many(170) },
    ],
    [
      'sums',
      'attributes.l.exists(x, (attributes.l + attributes.l).exists(y, x.no == y.no))',
      { l: many(50) },
    ],
  ])('by the most that is allowed of %s', (_, source, over) => {
    const start = performance.now()
    const answer = judged(source, wide(over))
    const took = performance.now() - start
    expect(JSON.stringify(answer)).not.toContain('would take')
    expect(took).toBeLessThan(5_000)
  })

  it.each([
    'attributes.ingress.exists(r, r.cidr_blocks.exists(c, c == "0.0.0.0/0"))',
    'diffs.exists(d, has(d.new) && d.new.exists(r, r.port == 22 && "0.0.0.0/0" in r.cidr_blocks))',
    'attributes.ingress.filter(r, r.description.matches("^temp")).size() > 10',
  ])('but a group of a thousand rules is looked through: %s', (source) => {
    const ingress = Array.from({ length: 1_000 }, (_, port) => ({
      port,
      cidr_blocks: ['10.0.0.0/8', `10.${port % 256}.0.0/16`],
      description: `rule number ${port} of the group`,
    }))
    const over = aFinding({ row: aRow({ ingress }), diffs: [aDiff('ingress', undefined, ingress)] })
    expect(judged(source, over)).toBe(false)
  })

  it('and rules for other types are not tried', () => {
    const rule = aRule('resource_types: [aws_vpc]\nexpression: attributes.nothing == 1')
    expect(createMatcher([rule])(finding).errors).toEqual([])
  })
})

describe('a rule with an expression', () => {
  const match = (lines: string, over = finding) =>
    createMatcher([aRule(`resource_types: [aws_security_group]\n${lines}`)])(over)

  it('matches where it holds, alone or beside conditions and events', () => {
    const expression = `expression: 'actor.tool == "console"'`
    const conditions = (operator: string) => `conditions: [{ attribute: ingress, operator: ${operator} }]`
    expect(match(expression).matchedRules).toHaveLength(1)
    expect(match(`${expression}\n${conditions('changed')}`).matchedRules).toHaveLength(1)
    expect(match(`${expression}\n${conditions('removed')}`).matchedRules).toEqual([])
    expect(match(`${expression}\nevents: [Other]`).matchedRules).toEqual([])
    expect(match(`expression: 'actor.tool == "cli"'`)).toMatchObject({ matchedRules: [], errors: [] })
  })

  it('does not match where it is an error, which the match tells', () => {
    const answer = match('expression: attributes.nothing == 1')
    expect(answer).toMatchObject({
      matchedRules: [],
      severity: 'info',
      errors: [{ rule: 'r1', error: 'No such key: nothing' }],
    })
  })

  it('says nothing of a change that is not compared, unless it names the event', () => {
    const uncompared = { ...finding, compared: false, diffs: [] }
    expect(match('expression: "true"', uncompared).matchedRules).toEqual([])
    expect(match('expression: "true"\nevents: [Modify*]', uncompared).matchedRules).toHaveLength(1)
  })
})
