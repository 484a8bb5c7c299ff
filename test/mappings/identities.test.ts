import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { loadIdentities } from '../../mappings/identities.ts'

const root = path.resolve(import.meta.dirname, '../..')
const identities = loadIdentities()

test.each([
  ['aws_s3_bucket', ['bucket'], true],
  ['aws_sqs_queue', ['url'], false],
  ['aws_eks_node_group', ['{cluster_name}/{node_group_name}'], false],
  ['aws_iam_policy', [], true],
  ['google_compute_firewall', ['projects/{project}/global/firewalls/{name}'], true],
  ['google_project_iam_member', [], true],
  ['azurerm_subnet', [], true],
])('%s has the names %j besides the usual ones; without a region: %s', (type, names, global) => {
  expect(identities.of(type)).toEqual({ names, global })
})

test('a type that no provider declares is unknown, and so is a part of the name of one', () => {
  for (const type of ['aws_no_such_thing', 'aws_s3', 'resource_typ', '', '__proto__', 'bucket']) {
    expect(identities.of(type)).toBeUndefined()
  }
})

test('the table covers three clouds, and has three columns and no type twice', () => {
  const [header, ...rows] = readFileSync(path.join(root, 'mappings/identities.tsv'), 'utf8')
    .replace(/\n$/, '')
    .split('\n')
  expect(header).toBe('resource_type\tnames\tscope')
  expect(rows.filter((row) => !/^[a-z0-9_]+\t([\w./{}[\] -]*)\t(global)?$/.test(row))).toEqual([])
  const types = rows.map((row) => row.split('\t')[0]!)
  expect(new Set(types).size).toBe(types.length)
  const count = (cloud: string) => types.filter((type) => type.startsWith(cloud)).length
  expect([count('aws_') > 1600, count('google_') > 1300, count('azurerm_') > 1000]).toEqual([
    true,
    true,
    true,
  ])
})

test('the script makes the table of what the providers declare', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-identities-'))
  const table = (name: string, ...lines: string[]) => {
    const file = path.join(folder, name)
    writeFileSync(file, `${lines.join('\n')}\n`)
    return file
  }
  const files = [
    table(
      'aws',
      'resource_type\tscope\tidentity_attributes\tidentity_duplicate_attributes\ttags_identifier_attribute',
      'aws_a\tregional\taccount_id?,region?,x,y:bool?,z\t\tarn',
      'aws_b\tglobal\taccount_id?,name=fqdn\tid\t*',
      'aws_s3_c\tregional\tbucket,key?\t\tthing_id',
    ),
    table(
      'ids',
      'resource_type\tkind\tid_template\tread_path',
      'google_a\tresource\tprojects/{{project}}/zones/{{zone}}/as/{{%name}}\tprojects/{{project}}/as?x={{x}}',
      'google_a_iam_member\tiam_member\tprojects/{{project}}/as/{{name}}/{{role}}/{{member}}\t',
      'google_b\tresource\t{{name}}\tv3/{{name}}',
    ),
    table(
      'google',
      'resource_type\tcai_asset_name_formats',
      'google_a\t//a.com/as/{{unique_id}};//a.com/{{id}}',
    ),
    table(
      'azure',
      'resource_type\tid_format',
      'azurerm_a\t/subscriptions/{}',
      'azurerm_b\thttps://{}.net/{}',
    ),
  ]
  const { stdout, stderr } = spawnSync(process.execPath, ['scripts/identities.mjs', ...files], {
    cwd: root,
    encoding: 'utf8',
  })
  rmSync(folder, { recursive: true })
  expect(stderr).toBe('')
  expect(stdout.replace(/\n$/, '').split('\n')).toEqual([
    'resource_type\tnames\tscope',
    'aws_a\t{x}[/{y}]/{z}\t',
    'aws_b\tfqdn\tglobal',
    'aws_s3_c\t{bucket}[/{key}] thing_id\tglobal',
    'azurerm_a\t\tglobal',
    'azurerm_b\tresource_manager_id resource_versionless_id resource_id\tglobal',
    'google_a\tprojects/{project}/zones/{zone}/as/{name} as/{unique_id}\t',
    'google_a_iam_member\t\tglobal',
    'google_b\tname\t',
  ])
})
