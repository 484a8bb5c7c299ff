import { describe, expect, it } from 'vitest'
import { enrich } from '../../processors/enrich.ts'
import type { Finding, JsonObject } from '../../processors/finding.ts'
import { createMatcher } from '../../processors/match.ts'
import type { Rule } from '../../processors/rules/schema.ts'
import { aDiff, aFinding, aRow, aRule, aSecretDiff } from './a-finding.ts'

const circumstances = { status: 'open' as const, detectedAt: '2026-03-01T10:00:05Z' }

function alertOf(finding: Finding, rules: Rule[] = []) {
  const sinks = [{ name: 'chat', kind: 'slack' }]
  return enrich(finding, createMatcher(rules, { sinks })(finding), circumstances)
}

describe('enrich', () => {
  it('makes the whole alert', () => {
    const rule = aRule(
      'remediation: ["Look at {instance_id}"]\nrunbook: https://wiki.example.com/x\nactions: [{ type: alert, channels: [slack, pagerduty] }]',
    )
    const finding = aFinding({ row: aRow({ tags_all: { Environment: 'production' } }) })
    expect(alertOf(finding, [rule])).toEqual({
      id: 'alert-1',
      driftId: 'drift-1',
      type: 'attribute_drift',
      status: 'open',
      severity: 'high',
      message: 'alice changed disable_api_termination of aws_instance.web from true to false',
      resource: finding.resource,
      compared: true,
      diffs: finding.diffs,
      matchedRules: [{ id: 'r1', name: 'Rule r1', severity: 'high' }],
      actor: finding.call.actor,
      sourceEvent: finding.call.sourceEvent,
      resourceTags: { Environment: 'production' },
      owner: null,
      changeHistory: [],
      blastRadius: null,
      remediation: ['Look at i-0abc'],
      revertCommand: 'terraform apply -target=aws_instance.web',
      runbookUrl: 'https://wiki.example.com/x',
      references: [],
      channels: ['chat'],
      pendingChannels: ['pagerduty'],
      detectedAt: '2026-03-01T10:00:05Z',
      statusChange: null,
      resolvedBy: null,
    })
  })

  it.each<[JsonObject, Record<string, string>]>([
    [
      { tags: { A: '1' }, tags_all: { A: '1', B: '2' } },
      { A: '1', B: '2' },
    ],
    [{ tags: { A: '1' }, tags_all: {} }, { A: '1' }],
    [{ tags: ['http-server'], labels: { a: '1' } }, { a: '1' }],
    [
      { labels: { a: '1' }, effective_labels: { a: '1', b: '2' } },
      { a: '1', b: '2' },
    ],
    [{ tags: { A: null, B: 7, C: 'x', D: 'hmac-sha256:abc' } }, { C: 'x' }],
    [{ tags: null }, {}],
  ])('takes the tags of %j', (attributes, expected) => {
    expect(alertOf(aFinding({ row: aRow(attributes) })).resourceTags).toEqual(expected)
  })

  it('takes the runbook of the most severe rule that has one, and the steps of all, each once', () => {
    const rules = [
      aRule('severity: low\nrunbook: https://low\nremediation: [common, low]', 'a'),
      aRule('severity: high\nrunbook: https://high\nremediation: [common]', 'b'),
      aRule('severity: critical', 'c'),
    ]
    expect(alertOf(aFinding(), rules)).toMatchObject({
      runbookUrl: 'https://high',
      remediation: ['common', 'low'],
    })
  })

  it('a step speaks of the diff that its rule is about', () => {
    const rule = aRule('remediation: ["set {attribute} to {old_value}"]')
    const diffs = [aDiff('instance_type', 'a', 'b'), aDiff('disable_api_termination', true, false)]
    expect(alertOf(aFinding({ diffs }), [rule]).remediation).toEqual(['set disable_api_termination to true'])
  })

  it('knows how to go back: as detection says, else by Terraform, else not at all', () => {
    expect(alertOf(aFinding({ revertCommand: 'aws ec2 x' })).revertCommand).toBe('aws ec2 x')
    const indexed = { ...aFinding().resource, address: 'module.net.aws_security_group.web["a"]' }
    expect(alertOf(aFinding({ resource: indexed })).revertCommand).toBe(
      `terraform apply -target='module.net.aws_security_group.web["a"]'`,
    )
    expect(alertOf(aFinding({ type: 'unmanaged_resource', row: null })).revertCommand).toBeNull()
  })

  it('lets no sensitive value through, whatever detection left in it', () => {
    const leaky = { ...aSecretDiff, oldValue: '"hunter1"', newValue: '"hunter2"' }
    const alert = alertOf(aFinding({ diffs: [leaky] }), [
      aRule(
        'conditions: [{ attribute: password, operator: changed }]\nremediation: ["{old_value} {new_value}"]',
      ),
    ])
    expect(alert.matchedRules).toHaveLength(1)
    expect(alert.diffs).toEqual([aSecretDiff])
    expect(JSON.stringify(alert)).not.toContain('hunter')
  })
})
