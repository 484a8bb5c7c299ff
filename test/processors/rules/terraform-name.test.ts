import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../../processors/finding.ts'
import { createMatcher } from '../../../processors/match.ts'
import { operators } from '../../../processors/rules/operators/index.ts'
import { terraformName } from '../../../processors/rules/terraform-name.ts'
import { aDiff, aFinding, aRow, aRule } from '../a-finding.ts'

const firewall = {
  allow: [{ protocol: 'tcp', ports: ['22'] }],
  source_ranges: ['10.0.0.0/8'],
  log_config: [{ metadata: 'EXCLUDE_ALL_METADATA' }],
}

describe("Terraform's name", () => {
  it.each([
    ['google_compute_firewall', 'allowed', 'allow'],
    ['google_compute_firewall', 'sourceRanges', 'source_ranges'],
    ['google_compute_firewall', 'logConfig.metadata', 'log_config.metadata'],
    ['google_compute_firewall', 'allowed[*].IPProtocol', 'allow[*].protocol'],
    ['google_compute_firewall', 'allowed[0].ports', 'allow[0].ports'],
    ['google_compute_firewall', 'allowed.*', 'allow.*'],
    ['google_compute_firewall', 'source_ranges', null],
    ['google_compute_firewall', 'priority', null],
    ['google_compute_firewall', 'allowedd', null],
    ['aws_instance', 'allowed', null],
    ['no_such_type', 'allowed', null],
    ['aws_db_instance', 'backupRetentionPeriod', 'backup_retention_period'],
  ])('of %s, %s is %s', (type, name, expected) => {
    expect(terraformName(type, name)).toBe(expected)
  })
})

function matches(attribute: string, rest: string, finding: Parameters<typeof aFinding>[0]): boolean {
  const rule = aRule(`resource_types: ["google_*"]\nconditions: [{ attribute: "${attribute}", ${rest} }]`)
  return createMatcher([rule])(aFinding(finding)).rules.length === 1
}

const row = (attributes: JsonObject) => aRow(attributes, 'google_compute_firewall')

describe("a condition that uses the API's name", () => {
  it.each([
    ['allowed[*].IPProtocol', 'operator: equals, value: tcp', true],
    ['allowed[*].IPProtocol', 'operator: equals, value: udp', false],
    ['allowed[0].ports', 'operator: contains, value: "22"', true],
    ['allowed[*].ports', 'operator: contains, value: "80"', false],
    ['logConfig.metadata', 'operator: glob, value: "EXCLUDE_*"', true],
    ['logConfig.*', 'operator: glob, value: "INCLUDE_*"', false],
    ['sourceRanges', 'operator: cidr_contains, value: 10.1.0.0/16', true],
    ['sourceRanges', 'operator: cidr_public', false],
    ['sourceRanges', 'operator: exists', true],
    ['targetTags', 'operator: exists', false],
  ])('sees what the event has left as it is: %s %s', (attribute, rest, expected) => {
    const finding = { row: row(firewall), diffs: [aDiff('priority', 1, 2)] }
    expect(matches(attribute, rest, finding)).toBe(expected)
  })

  it.each([
    ['allowed[*].IPProtocol', 'operator: equals, value: udp', true],
    ['allowed[*].IPProtocol', 'operator: changed', true],
    ['allowed[*].ports', 'operator: added', true],
    ['allowed', 'operator: changed', true],
    ['denied', 'operator: changed', false],
  ])('sees what a call changed, whatever that call names it: %s %s', (attribute, rest, expected) => {
    const diffs = [aDiff('allow', [], [{ protocol: 'udp', ports: ['53'] }])]
    expect(matches(attribute, rest, { row: row(firewall), diffs })).toBe(expected)
  })

  it('does not mistake an attribute of the state for it', () => {
    const both = { ...firewall, sourceRanges: ['192.0.2.0/24'] }
    const rest = 'operator: cidr_contains, value: 192.0.2.0/24'
    expect(matches('sourceRanges', rest, { row: row(both) })).toBe(true)
  })

  const cases = operators.flatMap(({ name, examples }) =>
    examples.map(
      ({ args, attribute, holds }) =>
        [name, JSON.stringify({ args, attribute }), args, attribute, holds] as const,
    ),
  )
  it.each(cases)("gives with %s what it gives by Terraform's: %s", (operator, _, args, attribute, holds) => {
    const { changes, value = null } = attribute as {
      changes?: { before?: Json; after?: Json }[]
      value?: Json
    }
    const change = changes?.[0]
    const finding = {
      row: row({ source_ranges: value }),
      diffs: change ? [aDiff('source_ranges', change.before ?? undefined, change.after ?? undefined)] : [],
    }
    const rest = `operator: ${operator}, ${JSON.stringify(args).slice(1, -1)}`
    const byApi = matches('sourceRanges', rest, finding)
    expect(byApi).toBe(matches('source_ranges', rest, finding))
    // What an example says of values alone must hold here too: or both might be blind.
    if (changes === undefined && 'value' in attribute && !('old' in attribute)) expect(byApi).toBe(holds)
  })
})
