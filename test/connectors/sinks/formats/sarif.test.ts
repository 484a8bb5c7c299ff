import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { alertJson } from '../../../../connectors/alert-json.ts'
import { sarif } from '../../../../connectors/sinks/formats/sarif.ts'
import type { Alert, Severity } from '../../../../schemas/types.ts'
import { anAlert, aSignal } from '../../an-alert.ts'

/** The part of SARIF 2.1.0 that this product writes; strict, as the standard's own schema is. */
const text = z.string().min(1)
const level = z.enum(['none', 'note', 'warning', 'error'])
const bag = z.record(z.string(), z.unknown())
const log = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z
    .array(
      z.strictObject({
        tool: z.strictObject({
          driver: z.strictObject({
            name: text,
            rules: z.array(
              z.strictObject({
                id: text,
                shortDescription: z.strictObject({ text }),
                helpUri: z.url().optional(),
                defaultConfiguration: z.strictObject({ level }),
                properties: bag,
              }),
            ),
          }),
        }),
        results: z.array(
          z
            .strictObject({
              ruleId: text,
              ruleIndex: z.int().min(0),
              kind: z.enum(['pass', 'fail']),
              level,
              message: z.strictObject({ text }),
              locations: z.array(
                z.strictObject({
                  physicalLocation: z
                    .strictObject({
                      artifactLocation: z.strictObject({ uri: text.regex(/^[^\s<>"{}|\\^`]+$/) }),
                      region: z.strictObject({ startLine: z.int().min(1) }),
                    })
                    .optional(),
                  logicalLocations: z.array(
                    z.strictObject({ name: text, fullyQualifiedName: text, kind: text }),
                  ),
                }),
              ),
              partialFingerprints: z.record(z.string(), text),
              properties: bag,
            })
            .refine((result) => result.kind === 'fail' || result.level === 'none'),
        ),
      }),
    )
    .length(1),
})

function run(...alerts: Alert[]) {
  const { tool, results } = log.parse(JSON.parse(sarif(alerts.map(alertJson)))).runs[0]!
  for (const result of results) expect(tool.driver.rules[result.ruleIndex]!.id).toBe(result.ruleId)
  return { rules: tool.driver.rules, results }
}

const withSource = (source: string) =>
  anAlert({ resource: { ...anAlert().resource!, state: { source, lineage: 'd1', serial: 1 } } })

describe('a SARIF log', () => {
  it('is valid without a result', () => {
    expect(run()).toEqual({ rules: [], results: [] })
  })

  it('has a result for each alert, with the address, the state and the id of the alert', () => {
    const { results } = run(anAlert(), aSignal({ id: 'two' }))
    expect(results).toHaveLength(2)
    expect(results[0]).toMatchObject({
      ruleId: 'aws-001',
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: 's3://states/net.tfstate' } },
          logicalLocations: [{ name: 'web', fullyQualifiedName: 'module.net.aws_instance.web["a"]' }],
        },
      ],
      partialFingerprints: { 'tfdriftAlertId/v1': anAlert().id },
    })
    expect(results[1]!.locations[0]!.physicalLocation).toBeUndefined()
  })

  it('names each rule once, and the type of the alert where no rule matched', () => {
    const rule = (id: string) => ({ id, name: `rule ${id}`, severity: 'high' as const })
    const { rules, results } = run(
      anAlert({ id: '1', matchedRules: [rule('a'), rule('b')] }),
      anAlert({ id: '2', matchedRules: [rule('b'), rule('a')] }),
      anAlert({ id: '3', matchedRules: [] }),
    )
    expect(rules.map((one) => one.id)).toEqual(['a', 'b', 'attribute_drift'])
    expect(results.map((one) => one.ruleId)).toEqual(['a', 'b', 'attribute_drift'])
  })

  it.each<[Severity, string]>([
    ['critical', 'error'],
    ['high', 'error'],
    ['medium', 'warning'],
    ['low', 'note'],
    ['info', 'note'],
  ])('gives a finding of severity %s the level %s', (severity, expected) => {
    expect(run(anAlert({ severity })).results[0]).toMatchObject({ kind: 'fail', level: expected })
  })

  it('counts what has been resolved as passed', () => {
    expect(run(anAlert({ status: 'resolved' })).results[0]).toMatchObject({ kind: 'pass', level: 'none' })
  })

  it('makes no link of what an attacker writes into a name', () => {
    const { results } = run(anAlert({ message: 'alice changed [sign in](https://evil.example)' }))
    expect(results[0]!.message.text).not.toMatch(/\[[^\]]*\]\(/)
  })

  it.each([
    ['gs://bucket/default.tfstate', 'gs://bucket/default.tfstate'],
    ['./my states/net.tfstate', './my%20states/net.tfstate'],
    ['states\\net.tfstate', 'states/net.tfstate'],
    ['s3://bucket/a b.tfstate', 's3://bucket/a%20b.tfstate'],
  ])('points to the state %s as a URI reference', (source, uri) => {
    const { physicalLocation } = run(withSource(source)).results[0]!.locations[0]!
    expect(physicalLocation!.artifactLocation.uri).toBe(uri)
  })

  it('leaves out a runbook that is no URL', () => {
    expect(run(anAlert({ runbookUrl: 'see the wiki' })).rules[0]!.helpUri).toBeUndefined()
  })
})
