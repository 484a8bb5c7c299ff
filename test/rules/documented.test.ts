import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../cli/program.ts'
import { testRecord } from '../../cli/rules/test-record.ts'
import { loadRules } from '../../processors/rules/load.ts'
import type { RuleTest } from '../../processors/rules/test-schema.ts'
import { resourcesOf } from '../../processors/rules/written-state.ts'
import { readRuleFiles, shippedRulesDir } from '../../rules/index.ts'
import { testIo } from '../support/test-io.ts'

const documented = path.join(import.meta.dirname, 'documented')
const written = loadRules(readRuleFiles([documented])).rules.map(({ id }) => id)
/** The shipped rules are those of the document with tests: whole events, and the states that they meet. */
const tests = loadRules(readRuleFiles([shippedRulesDir])).rules.flatMap((rule) =>
  written.includes(rule.id) ? (rule.tests ?? []).map((test) => [rule.id, test.name, test] as const) : [],
)

let folder = ''
let config = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-documented-'))
  config = path.join(folder, 'empty.yaml')
  writeFileSync(config, '')
})
afterAll(() => rmSync(folder, { recursive: true }))

async function tfdrift(...args: string[]) {
  const io = testIo()
  const code = await runProgram(args, io)
  return { code, out: io.out(), err: io.err() }
}

describe('the rule files of the architecture document, as they stand there', () => {
  it('load on an empty configuration, with a warning for each sink that is not configured', async () => {
    const { code, out, err } = await tfdrift('validate', '--config', config, '--rules', documented)
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/empty\.yaml: ok\n\d+ rules: ok\n$/),
    })
    const warnings = err
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(`${documented}/`, ''))
    const fix = 'add one under "sinks:"; until then alerts carry it as pending'
    expect(
      warnings.filter((line) => line.startsWith('warning: aws') || line.startsWith('warning: gcp')),
    ).toEqual([
      `warning: aws-security-critical.yaml:19:20 rules[0].actions[0].channels[0]: no sink has the name or the kind slack; ${fix}`,
      `warning: aws-security-critical.yaml:19:29 rules[0].actions[0].channels[1]: no sink has the name or the kind pagerduty; ${fix}`,
      `warning: aws-security-critical.yaml:21:17 rules[0].actions[1].system: no sink has the name or the kind jira; ${fix}`,
      `warning: aws-security-critical.yaml:46:20 rules[1].actions[0].channels[0]: no sink has the name or the kind slack; ${fix}`,
      `warning: aws-security-critical.yaml:47:15 rules[1].actions[1].type: no sink has the kind audit-log; ${fix}`,
      `warning: gcp-security-critical.yaml:16:20 rules[0].actions[0].channels[0]: no sink has the name or the kind slack; ${fix}`,
      `warning: gcp-security-critical.yaml:16:29 rules[0].actions[0].channels[1]: no sink has the name or the kind pagerduty; ${fix}`,
      `warning: gcp-security-critical.yaml:39:20 rules[1].actions[0].channels[0]: no sink has the name or the kind slack; ${fix}`,
    ])
  })

  it('are a fault with --strict, until the sinks are there', async () => {
    const args = ['validate', '--rules', documented, '--strict', '--config']
    expect(await tfdrift(...args, config)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/warnings are faults with --strict\n$/),
    })
    const full = path.join(folder, 'full.yaml')
    writeFileSync(
      full,
      `shippedRules: false
sinks:
  chat: { kind: slack, url: https://hooks.slack.com/services/T0/B0/x }
  pagerduty: { kind: pagerduty, routingKey: "00000000000000000000000000000000" }
  tickets: { kind: jira, url: https://example.atlassian.net, email: a@example.com, apiToken: x, project: SEC }
  audit: { kind: audit-log, path: ./audit.ndjson }
`,
    )
    expect(await tfdrift(...args, full)).toMatchObject({ code: 0, err: '' })
  })

  it('are checked without any configuration too', async () => {
    const { code, out, err } = await tfdrift('validate', '--rules', documented)
    expect({ code, out }).toEqual({ code: 0, out: '4 rules: ok\n' })
    expect(err.match(/^warning: /gm)).toHaveLength(8)
  })

  it.each(tests)('%s fires with detect just as it says: %s', async (id, _, test) => {
    const { alerts, code } = await detect(id, test)
    expect(code).toBe(0)
    const fired = alerts.flatMap((alert) => alert.matchedRules).filter((rule) => rule.id === id)
    expect(fired.length).toBe(test.expect === 'match' ? 1 : 0)
  })

  it('say on the alert whom it does not reach', async () => {
    const [id, , test] = tests.find(
      ([one, , { expect: expected }]) => one === 'aws-001' && expected === 'match',
    )!
    const { alerts } = await detect(id, test)
    expect(alerts).toMatchObject([
      {
        severity: 'critical',
        pendingChannels: ['slack', 'pagerduty', 'jira'],
        runbookUrl: 'https://wiki.example.com/runbooks/ec2-termination-protection',
      },
    ])
  })
})

interface Fired {
  severity: string
  matchedRules: { id: string }[]
}

/** The files of a test through `tfdrift detect`, with no rules but those of the document. */
async function detect(id: string, test: RuleTest): Promise<{ alerts: Fired[]; code: number }> {
  const events = (test.events ?? [test.event!]).map((event, index) =>
    testRecord(event, { seed: `${id}\n${test.name}`, index }),
  )
  const resources = (test.states ?? [test.state!]).flatMap(resourcesOf)
  const state = path.join(folder, 'terraform.tfstate')
  const log = path.join(folder, 'events.json')
  writeFileSync(state, JSON.stringify({ version: 4, serial: 1, lineage: 'l', outputs: {}, resources }))
  writeFileSync(log, events.map((event) => JSON.stringify(event)).join('\n'))
  const args = ['--state', state, '--events', log, '--rules', documented, '--format', 'ndjson']
  const { code, out } = await tfdrift('detect', ...args)
  return {
    alerts: out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
    code,
  }
}
