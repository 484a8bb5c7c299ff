import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../processors/finding.ts'
import { fillPlaceholders } from '../../processors/placeholders.ts'
import { subjectOf } from '../../processors/rules/subject.ts'
import { aDiff, aFinding, aRow, aSecretDiff } from './a-finding.ts'

function fill(template: string, finding: Finding = aFinding()): string {
  return fillPlaceholders(template, finding, subjectOf(finding).changes[0] ?? null)
}

function ofType(type: string, attributes: Parameters<typeof aRow>[0] = {}): Finding {
  return aFinding({ row: aRow(attributes, type) })
}

describe('fillPlaceholders', () => {
  it.each([
    ['{id}', 'i-0abc'],
    ['{instance_id}', 'i-0abc'],
    ['{address}', 'aws_instance.web'],
    ['{account}/{region}', '123456789012/eu-west-1'],
    ['{actor}', 'alice'],
    ['{attribute}', 'disable_api_termination'],
    ['{old_value} -> {new_value}', 'true -> false'],
    ['{instance_type}', 't3.micro'],
    ['{metadata_options[0].http_tokens}', 'required'],
    ['{tags.Owner}', 'ops'],
    ['{cpu_core_count}', '2'],
    ['{name}', 'web'],
    ['{unknown} {arn} {constructor} {} {a b}', '{unknown} {arn} {constructor} {} {a b}'],
  ])('%s: %s', (template, expected) => {
    const attributes = {
      instance_type: 't3.micro',
      metadata_options: [{ http_tokens: 'required' }],
      tags: { Owner: 'ops' },
      cpu_core_count: 2,
    }
    expect(fill(template, aFinding({ row: aRow(attributes) }))).toBe(expected)
  })

  it('knows a type by its whole noun and by its last words, and attributes before those', () => {
    expect(fill('{security_group_id} {group_id}', ofType('aws_security_group'))).toBe('i-0abc i-0abc')
    expect(fill('{vpc_id} {subnet_id}', ofType('aws_subnet', { vpc_id: 'vpc-1' }))).toBe('vpc-1 i-0abc')
    expect(fill('{instance_id}', ofType('google_compute_instance', { instance_id: '42' }))).toBe('42')
    expect(fill('{up_id}', ofType('aws_security_group'))).toBe('{up_id}')
  })

  it("takes the cloud's own name and ARN from the state", () => {
    const attributes = { name: 'cloud-name', arn: 'arn:aws:iam::1:role/x' }
    expect(fill('{name} {arn}', ofType('aws_iam_role', attributes))).toBe('cloud-name arn:aws:iam::1:role/x')
  })

  it('works on a resource that no state holds', () => {
    const finding = aFinding({ row: null, type: 'unmanaged_resource', diffs: [], made: { user: 'eve' } })
    expect(fill('{user}', finding)).toBe('eve')
    expect(fill('terminate {instance_id} {address} {old_value}', finding)).toBe(
      'terminate i-0abc {address} {old_value}',
    )
  })

  it('knows of it what the call that made it has set', () => {
    const made = { role: 'roles/owner', condition: [{ title: 'until May' }] }
    const finding = aFinding({ row: null, type: 'unmanaged_resource', diffs: [], made })
    expect(fill('{role} {condition.title} {member} {old_value}', finding)).toBe(
      "roles/owner 'until May' {member} {old_value}",
    )
  })

  it('never shows what is sensitive or hashed', () => {
    const leaky = { ...aSecretDiff, oldValue: '"hunter1"', newValue: '"hunter2"' }
    const finding = aFinding({ diffs: [leaky], row: aRow({ password: 'hmac-sha256:abc' }) })
    expect(fill('{attribute} {old_value} {new_value} {password}', finding)).toBe(
      'password {old_value} {new_value} {password}',
    )
  })

  it('quotes what a shell would not take as one word', () => {
    expect(fill('set {new_value}', aFinding({ diffs: [aDiff('x', 'a', 'b c')] }))).toBe("set 'b c'")
    expect(fill('set {new_value}', aFinding({ diffs: [aDiff('x', 'a', "it's")] }))).toBe("set 'it'\\''s'")
    expect(fill('set {new_value}', aFinding({ diffs: [aDiff('x', 'a', '')] }))).toBe("set ''")
    expect(fill('set {new_value}', aFinding({ diffs: [aDiff('x', 'a', [1])] }))).toBe("set '[1]'")
  })

  it.each(['"{new_value}"', "'{new_value}'", "don't use {new_value}", '`echo {new_value}`'])(
    'inserts into a text with quotes only what needs none: %s',
    (template) => {
      expect(fill(template, aFinding({ diffs: [aDiff('x', 1, '$(id)')] }))).toBe(template)
      expect(fill(template, aFinding({ diffs: [aDiff('x', 1, 'b')] }))).toBe(
        template.replace('{new_value}', 'b'),
      )
    },
  )

  it.each(['--force', '-rf', 'a\u001b[2J', 'a\nb', 'a\u0000b'])(
    'leaves out %j, which no quotes make harmless',
    (value) => {
      expect(fill('rm {new_value}', aFinding({ diffs: [aDiff('x', 'a', value)] }))).toBe('rm {new_value}')
    },
  )

  it('a negative number is no option', () => {
    expect(fill('{new_value}', aFinding({ diffs: [aDiff('x', 1, -1)] }))).toBe('-1')
  })

  it('gives the shell exactly one word, whatever the value', () => {
    const unit = fc.constantFrom(...`ab $\`"'\\;&|<>(){}[]*?!#~=%,@-\u00e9`)
    const values = fc
      .sample(fc.string({ unit, minLength: 1, maxLength: 12 }), 300)
      .filter((value) => !/^-(?!\d)/.test(value))
    const lines = values.map((value) =>
      fill('printf %s. {new_value}; echo', aFinding({ diffs: [aDiff('x', 0, value)] })),
    )
    const { stdout } = spawnSync('sh', { input: lines.join('\n'), encoding: 'utf8' })
    expect(stdout.split('\n').slice(0, -1)).toEqual(values.map((value) => `${value}.`))
  })
})
