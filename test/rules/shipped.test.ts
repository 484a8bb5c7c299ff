import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRuleJudge } from '../../cli/rules/judge-rule.ts'
import { createMatcher } from '../../processors/match.ts'
import { loadRules } from '../../processors/rules/load.ts'
import { readRuleFiles, shippedRulesDir } from '../../rules/index.ts'
import { aCall, aDiff, aFinding, anActor, aRow, aSignalFinding } from '../processors/a-finding.ts'

const { rules, errors } = loadRules(readRuleFiles([shippedRulesDir]))

/** As the architecture document has them. */
const documented = [
  {
    id: 'aws-001',
    name: 'EC2 Termination Protection Disabled',
    description: 'Detects when termination protection is disabled on production EC2 instances',
    resource_types: ['aws_instance'],
    conditions: [
      { attribute: 'disable_api_termination', operator: 'changed', from: true, to: false },
      { attribute: 'tags.Environment', operator: 'equals', value: 'production' },
    ],
    severity: 'critical',
    filters: [],
    actions: [
      { type: 'alert', channels: ['slack', 'pagerduty'] },
      { type: 'create_ticket', system: 'jira' },
    ],
    remediation: [
      'Review change with user who made the modification',
      'Re-enable termination protection if unauthorized',
      'Run: aws ec2 modify-instance-attribute --instance-id {instance_id} --disable-api-termination',
    ],
    references: [],
    runbook: 'https://wiki.example.com/runbooks/ec2-termination-protection',
  },
  {
    id: 'aws-002',
    name: 'IAM Policy Modification',
    description: 'Detects modifications to IAM policies',
    resource_types: ['aws_iam_policy', 'aws_iam_role_policy'],
    conditions: [{ attribute: 'policy', operator: 'changed' }],
    severity: 'high',
    filters: [{ user_identity: { type: 'AssumedRole', principal_id: 'AIDAI***TERRAFORM' }, action: 'skip' }],
    actions: [{ type: 'alert', channels: ['slack'] }, { type: 'audit_log' }],
    remediation: [],
    references: [],
  },
  {
    id: 'gcp-001',
    name: 'GCP Firewall Rule Modification',
    description: 'Detects modifications to GCP firewall rules',
    resource_types: ['google_compute_firewall'],
    conditions: [
      { attribute: 'allowed', operator: 'changed' },
      { attribute: 'source_ranges', operator: 'changed' },
    ],
    severity: 'critical',
    filters: [],
    actions: [{ type: 'alert', channels: ['slack', 'pagerduty'] }],
    remediation: [
      'Review change with user who made the modification',
      'Verify the firewall rule change is authorized',
      'Revert with: terraform apply to restore state',
    ],
    references: [],
    runbook: 'https://wiki.example.com/runbooks/gcp-firewall-rules',
  },
  {
    id: 'gcp-002',
    name: 'GCS Bucket IAM Policy Change',
    description: 'Detects IAM policy changes on GCS buckets',
    resource_types: ['google_storage_bucket_iam_binding'],
    conditions: [{ attribute: 'members', operator: 'changed' }],
    severity: 'high',
    filters: [
      { user_identity: { principal_email: '*@*-terraform.iam.gserviceaccount.com' }, action: 'skip' },
    ],
    actions: [{ type: 'alert', channels: ['slack'] }],
    remediation: [],
    references: [],
  },
]

describe('the shipped rules', () => {
  it('load without fault, as the architecture document has them', () => {
    expect(errors).toEqual([])
    const fromDocument = rules.filter(({ file }) => file.endsWith('-security-critical.yaml'))
    expect(fromDocument.map(({ file: _, tests: __, ...rule }) => rule)).toEqual(documented)
  })

  it.each(['aws-security-critical.yaml', 'gcp-security-critical.yaml'])(
    '%s is, but for its tests, the text of the document, which fires just so',
    async (name) => {
      const path = `documented/${name}`
      const text = readFileSync(new URL(path, import.meta.url), 'utf8')
      const shipped = readFileSync(`${shippedRulesDir}/${name}`, 'utf8')
      expect(shipped.replaceAll(/^ {4}tests:\n(?: {6}.*\n)+/gm, '')).toBe(text)
      const written = loadRules([{ path, text }])
      expect(written.errors).toEqual([])
      const judge = createRuleJudge()
      for (const rule of written.rules) {
        const { tests } = rules.find(({ id }) => id === rule.id)!
        const results = await judge({ ...rule, ...(tests && { tests }) })
        expect(results.map(({ test, fault }) => [test.expect, fault])).toEqual([
          ['match', null],
          ['match', null],
          ['no-match', null],
          ['no-match', null],
        ])
      }
    },
  )

  const match = createMatcher(rules.filter(({ file }) => file.endsWith('-security-critical.yaml')))
  const ids = (finding: Parameters<typeof match>[0]) => match(finding).matchedRules.map(({ id }) => id)

  it('are about resources: none fires on a signal, and its priority stands', () => {
    expect(match(aSignalFinding())).toMatchObject({ matchedRules: [], severity: 'medium' })
    expect(match(aSignalFinding({ tooLittle: true, priority: 'error' }))).toMatchObject({
      matchedRules: [],
      severity: 'high',
    })
  })

  it('aws-001: termination protection goes off in production', () => {
    const production = aRow({ tags: { Environment: 'production' } })
    expect(match(aFinding({ row: production }))).toMatchObject({
      severity: 'critical',
      channels: [],
      pendingChannels: ['slack', 'pagerduty', 'jira'],
      matchedRules: [{ id: 'aws-001', name: 'EC2 Termination Protection Disabled', severity: 'critical' }],
    })
    expect(ids(aFinding({ row: aRow({ tags: { Environment: 'test' } }) }))).toEqual([])
    const back = [aDiff('disable_api_termination', false, true)]
    expect(ids(aFinding({ row: production, diffs: back }))).toEqual([])
  })

  it('aws-002: an IAM policy changes, but not by the automation user', () => {
    const policy = {
      row: aRow({}, 'aws_iam_role_policy'),
      diffs: [aDiff('policy', [], [{ Effect: 'Allow' }])],
    }
    const by = (overrides: object) => aFinding({ ...policy, call: aCall({ actor: anActor(overrides) }) })
    expect(ids(aFinding(policy))).toEqual(['aws-002'])
    expect(ids(by({ type: 'AssumedRole', principalId: 'AIDAIABCTERRAFORM' }))).toEqual([])
    expect(ids(by({ type: 'AssumedRole', principalId: 'AIDAIABCTERRAFORM:run-7' }))).toEqual([])
    expect(ids(by({ type: 'IAMUser', principalId: 'AIDAIABCTERRAFORM' }))).toEqual(['aws-002'])
    expect(ids(by({ type: 'AssumedRole', principalId: null }))).toEqual(['aws-002'])
  })

  it('gcp-001: a firewall is changed, named as the API names it', () => {
    const row = aRow({}, 'google_compute_firewall')
    const diffs = [
      aDiff('allow', [], [{ protocol: 'tcp' }]),
      aDiff('source_ranges', ['10.0.0.0/8'], ['0.0.0.0/0']),
    ]
    const apiNames = { allow: ['allowed'], source_ranges: ['sourceRanges'] }
    expect(ids(aFinding({ row, diffs, apiNames }))).toEqual(['gcp-001'])
    expect(ids(aFinding({ row, diffs: diffs.slice(0, 1), apiNames }))).toEqual([])
  })

  it('gcp-002: members of a bucket change, but not by the service account of Terraform', () => {
    const finding = {
      row: aRow({}, 'google_storage_bucket_iam_binding'),
      diffs: [aDiff('members', [], ['allUsers'])],
    }
    const actor = anActor({ email: 'ci@prod-terraform.iam.gserviceaccount.com' })
    expect(ids(aFinding(finding))).toEqual(['gcp-002'])
    expect(ids(aFinding({ ...finding, call: aCall({ actor }) }))).toEqual([])
  })
})

it('the rules that rules/README.md shows load without fault, and pass their tests', async () => {
  const text = readFileSync(path.join(shippedRulesDir, 'README.md'), 'utf8')
  const blocks = [...text.matchAll(/^```yaml\n(rules:\n[^`]+)```/gm)].map((block) => block[1]!)
  const shown = loadRules(blocks.map((block, at) => ({ path: `README.md, block ${at}`, text: block })))
  expect(shown.errors).toEqual([])
  expect(shown.rules.map(({ id }) => id)).toEqual([
    'aws-001',
    'acme-010',
    'acme-011',
    'falco-001',
    'gcp-900',
    'aws-900',
    'acme-002',
    'acme-001',
  ])
  const results = await createRuleJudge()(shown.rules.at(-1)!)
  expect(results.map(({ fault }) => fault)).toEqual([null, null])
})

describe('readRuleFiles', () => {
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'rules-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  it('reads .yaml and .yml, sorted, each once', () => {
    for (const name of ['b.yaml', 'a.yml', 'README.md']) writeFileSync(path.join(dir, name), name)
    expect(readRuleFiles([dir, `${dir}/.`])).toEqual([
      { path: path.join(dir, 'a.yml'), text: 'a.yml' },
      { path: path.join(dir, 'b.yaml'), text: 'b.yaml' },
    ])
  })

  it('names a folder that is not there', () => {
    expect(() => readRuleFiles([path.join(dir, 'nowhere')])).toThrow(/nowhere \(ENOENT\); give a folder/)
  })
})
