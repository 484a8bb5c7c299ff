import { expect, test } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import {
  apiFirewall,
  FIREWALL_ID,
  firewallEntry,
  lastEntry,
  PROJECT,
  stateFirewall,
  TERRAFORM,
} from './an-entry.ts'
import { comparedBy, judge, managed } from './judge.ts'

const firewall = managed('google_compute_firewall', 'ssh', stateFirewall)
const PATCH = 'v1.compute.firewalls.patch'
const UPDATE = 'v1.compute.firewalls.update'
const INSERT = 'v1.compute.firewalls.insert'
const DELETE = 'v1.compute.firewalls.delete'
const opened = { sourceRanges: ['0.0.0.0/0'] }
const alone = { operation: null }
const byTerraform = { requestMetadata: { callerIp: '203.0.113.20', callerSuppliedUserAgent: TERRAFORM } }
const denied = { code: 7, message: 'PERMISSION_DENIED' }

test('a firewall opened to the world is drift of its ranges, by whom', async () => {
  const { alerts } = await judge([firewall], firewallEntry(PATCH, opened))
  expect(alerts).toHaveLength(1)
  expect(alerts[0]).toMatchObject({
    type: 'attribute_drift',
    compared: true,
    address: 'google_compute_firewall.ssh',
    resource: `google_compute_firewall ${FIREWALL_ID}`,
    diffs: [['source_ranges', ['10.0.0.0/8'], ['0.0.0.0/0']]],
    actor: { type: 'User', name: 'alice@example.com', tool: 'console', sourceIp: '203.0.113.10' },
    sourceEvent: {
      id: '-6215lve1hil2',
      source: 'compute.googleapis.com',
      name: PATCH,
      time: '2026-03-02T10:15:01.353Z',
    },
  })
})

/** What a patch sets beside what the state has, and what of it differs. */
const patches: [
  what: string,
  request: JsonObject,
  diffs: [attribute: string, before: unknown, after: unknown][],
][] = [
  ['what was there already', { sourceRanges: ['10.0.0.0/8'], priority: 1000 }, []],
  [
    'another range beside the old one',
    { sourceRanges: ['192.0.2.0/24', '10.0.0.0/8'] },
    [['source_ranges', null, ['192.0.2.0/24']]],
  ],
  [
    'the ports, as the log writes them',
    { alloweds: [{ IPProtocol: 'tcp', ports: ['22', '3389'] }] },
    [['allow', [{ ports: ['22'], protocol: 'tcp' }], [{ ports: ['22', '3389'], protocol: 'tcp' }]]],
  ],
  [
    'the ports, as the API writes them',
    { allowed: [{ IPProtocol: 'tcp', ports: ['22'] }, { IPProtocol: 'icmp' }] },
    [['allow', null, [{ protocol: 'icmp' }]]],
  ],
  ['the same protocol in capitals', { alloweds: [{ IPProtocol: 'TCP', ports: ['22'] }] }, []],
  ['what is denied', { denieds: [{ IPProtocol: 'all' }] }, [['deny', null, [{ protocol: 'all' }]]]],
  ['a flag', { disabled: true }, [['disabled', false, true]]],
  ['a number', { priority: 900 }, [['priority', 1000, 900]]],
  ['a text', { description: 'temporary' }, [['description', null, 'temporary']]],
  ['tags of targets', { targetTags: ['bastion', 'web'] }, [['target_tags', null, ['web']]]],
  ['tags of sources', { sourceTags: ['web'] }, [['source_tags', null, ['web']]]],
  [
    'service accounts',
    { sourceServiceAccounts: ['a@b'], targetServiceAccounts: ['c@d'] },
    [
      ['source_service_accounts', null, ['a@b']],
      ['target_service_accounts', null, ['c@d']],
    ],
  ],
  [
    'the other direction',
    { direction: 'EGRESS', destinationRanges: ['0.0.0.0/0'] },
    [
      ['destination_ranges', null, ['0.0.0.0/0']],
      ['direction', 'INGRESS', 'EGRESS'],
    ],
  ],
  [
    'its logs switched on',
    { logConfig: { enable: true } },
    [['log_config[0].metadata', null, 'INCLUDE_ALL_METADATA']],
  ],
  ['its logs left off', { logConfig: { enable: false } }, []],
]

test.each(patches)('of a patch that sets %s, what differs is told', async (_, request, diffs) => {
  const { alerts, reasons } = await judge([firewall], firewallEntry(PATCH, request))
  expect(alerts.map((alert) => alert.diffs)).toEqual(diffs.length > 0 ? [diffs] : [])
  expect(reasons).toEqual({ [diffs.length > 0 ? 'finding' : 'as-declared']: 1 })
})

test('nothing is compared that none of these drives', () => {
  const driven = patches.flatMap(([, , diffs]) => diffs.map(([attribute]) => attribute))
  const compared = comparedBy('compute.googleapis.com', 'compute.firewalls.patch')
  expect([...new Set(driven)].sort()).toEqual(compared.sort())
})

test('a rule of the shipped packs may name what the API names', async () => {
  const request = { sourceRanges: ['0.0.0.0/0'], alloweds: [{ IPProtocol: 'all' }] }
  const { alerts } = await judge([firewall], firewallEntry(PATCH, request))
  expect(alerts).toMatchObject([{ severity: 'critical', matchedRules: [{ id: 'gcp-001' }] }])
})

test('logs that a state declares, and that are switched off, are drift', async () => {
  const logged = { ...stateFirewall, log_config: [{ metadata: 'EXCLUDE_ALL_METADATA' }] }
  const state = [managed('google_compute_firewall', 'ssh', logged)]
  const off = await judge(state, firewallEntry(PATCH, { logConfig: { enable: false } }))
  expect(off.alerts[0]?.diffs).toEqual([['log_config[0].metadata', 'EXCLUDE_ALL_METADATA', null]])
  const untouched = { logConfig: { enable: true, metadata: 'EXCLUDE_ALL_METADATA' } }
  expect((await judge(state, firewallEntry(PATCH, untouched))).alerts).toEqual([])
  expect((await judge(state, firewallEntry(UPDATE, apiFirewall))).alerts[0]?.diffs).toEqual(
    off.alerts[0]?.diffs,
  )
})

test('an update replaces: what it leaves out is as the API then sets it', async () => {
  expect((await judge([firewall], firewallEntry(UPDATE, apiFirewall))).reasons).toEqual({ 'as-declared': 1 })
  const { sourceRanges: _, priority: __, targetTags: ___, ...rest } = apiFirewall
  const { alerts } = await judge([firewall], firewallEntry(UPDATE, rest))
  expect(alerts[0]?.diffs).toEqual([
    ['source_ranges', ['10.0.0.0/8'], ['0.0.0.0/0']],
    ['target_tags', ['bastion'], null],
  ])
  const byTags = await judge([firewall], firewallEntry(UPDATE, { ...rest, sourceTags: ['web'] }))
  expect(byTags.alerts[0]?.diffs).toContainEqual(['source_ranges', ['10.0.0.0/8'], null])
})

test('a rule of outgoing traffic without a destination is one to everywhere', async () => {
  const egress = {
    ...stateFirewall,
    direction: 'EGRESS',
    source_ranges: [],
    destination_ranges: ['10.0.0.0/8'],
  }
  const { sourceRanges: _, ...rest } = apiFirewall
  const state = [managed('google_compute_firewall', 'ssh', egress)]
  const { alerts } = await judge(state, firewallEntry(UPDATE, { ...rest, direction: 'EGRESS' }))
  expect(alerts[0]?.diffs).toEqual([['destination_ranges', ['10.0.0.0/8'], ['0.0.0.0/0']]])
})

test('a firewall that no state holds is unmanaged when it is made, and not when it is changed', async () => {
  const made = await judge([], firewallEntry(INSERT, apiFirewall))
  expect(made.alerts).toMatchObject([
    { type: 'unmanaged_resource', address: null, resource: `google_compute_firewall ${FIREWALL_ID}` },
  ])
  expect(await judge([], firewallEntry(PATCH, opened))).toEqual({ alerts: [], reasons: { unmanaged: 1 } })
})

test('a firewall that is made again by hand is compared with what the state says', async () => {
  const remade = await judge([firewall], firewallEntry(INSERT, { ...apiFirewall, priority: 10 }))
  expect(remade.alerts).toMatchObject([
    { type: 'attribute_drift', diffs: [['priority', 1000, 10]], status: 'open' },
  ])
  const same = await judge([firewall], firewallEntry(INSERT, apiFirewall))
  expect(same).toEqual({ alerts: [], reasons: { 'as-declared': 1 } })
})

test('a firewall that is deleted, and then made again as it was, is drift that is over', async () => {
  const deletion = firewallEntry(DELETE, {}, alone)
  expect((await judge([firewall], deletion)).alerts).toMatchObject([
    { type: 'resource_deleted', address: 'google_compute_firewall.ssh', status: 'open', diffs: [] },
  ])
  const again = { ...alone, insertId: 'later', timestamp: '2026-03-02T10:20:00Z' }
  const { alerts } = await judge([firewall], deletion, firewallEntry(INSERT, apiFirewall, again))
  expect(alerts).toMatchObject([{ type: 'resource_deleted', status: 'resolved' }])
  const other = firewallEntry(INSERT, { ...apiFirewall, priority: 10 }, again)
  expect((await judge([firewall], deletion, other)).alerts).toMatchObject([
    { type: 'resource_deleted', status: 'open' },
    { type: 'attribute_drift', status: 'open' },
  ])
})

test('a call that failed is none', async () => {
  const entry = firewallEntry(PATCH, opened, alone, { status: denied })
  expect(await judge([firewall], entry)).toEqual({ alerts: [], reasons: { failed: 1 } })
})

test('a call that only checks is none', async () => {
  const entry = firewallEntry(PATCH, { ...opened, validateOnly: true })
  expect((await judge([firewall], entry)).reasons).toEqual({ 'no-effect': 1 })
})

test.each(['compute.firewalls.patch', 'beta.compute.firewalls.patch', 'alpha.compute.firewalls.patch'])(
  'W9 %s is the same call, whatever its version',
  async (method) => {
    const { alerts } = await judge([firewall], firewallEntry(method, opened))
    expect(alerts).toMatchObject([
      { sourceEvent: { name: method }, diffs: [['source_ranges', ['10.0.0.0/8'], ['0.0.0.0/0']]] },
    ])
  },
)

test('a firewall of another project is another one', async () => {
  const logName = 'projects/shop-test/logs/cloudaudit.googleapis.com%2Factivity'
  const resourceName = 'projects/shop-test/global/firewalls/allow-ssh'
  const entry = firewallEntry(PATCH, opened, { logName }, { resourceName })
  expect(await judge([firewall], entry)).toEqual({ alerts: [], reasons: { unmanaged: 1 } })
  const made = await judge([firewall], firewallEntry(INSERT, apiFirewall, { logName }, { resourceName }))
  expect(made.alerts).toMatchObject([
    { type: 'unmanaged_resource', resource: `google_compute_firewall ${resourceName}` },
  ])
})

test('a project is one, by its number as by its id, and a link names what its path names', async () => {
  for (const resourceName of [
    'projects/123456789012/global/firewalls/allow-ssh',
    `https://www.googleapis.com/compute/v1/${FIREWALL_ID}`,
    `//compute.googleapis.com/${FIREWALL_ID}`,
  ]) {
    const { alerts } = await judge([firewall], firewallEntry(PATCH, opened, {}, { resourceName }))
    expect(alerts).toMatchObject([{ address: 'google_compute_firewall.ssh' }])
  }
})

test('a state of an old provider, whose id is only the name, is matched, too', async () => {
  const old = managed('google_compute_firewall', 'ssh', { ...stateFirewall, id: 'allow-ssh' })
  const { alerts } = await judge([old], firewallEntry(PATCH, opened))
  expect(alerts).toMatchObject([{ address: 'google_compute_firewall.ssh' }])
})

test("Terraform's own call is none where the state says the same, or a later call has the last word", async () => {
  const apply = firewallEntry(PATCH, { priority: 900 }, alone, byTerraform)
  const later = { ...alone, insertId: 'later', timestamp: '2026-03-02T10:20:00Z' }
  const back = firewallEntry(PATCH, { priority: 1000 }, later, byTerraform)
  expect((await judge([firewall], back)).reasons).toEqual({ 'as-declared': 1 })
  expect((await judge([firewall], apply, back)).alerts).toEqual([])
  expect((await judge([firewall], apply)).alerts).toMatchObject([
    { actor: { tool: 'terraform' }, diffs: [['priority', 1000, 900]] },
  ])
})

test('what a value is set back with is told where gcloud can', async () => {
  const { alerts } = await judge([firewall], firewallEntry(PATCH, { priority: 900, disabled: true }))
  const update = `gcloud compute firewall-rules update allow-ssh --project ${PROJECT}`
  expect(alerts[0]?.revertCommand).toBe(`${update} --no-disabled && ${update} --priority 1000`)
})

test('a change of which the entry does not tell the body, or not by a known name, is not compared', async () => {
  for (const request of [{}, { connectionLimit: 5 }]) {
    for (const method of [PATCH, UPDATE]) {
      const entry = firewallEntry(
        method,
        method === UPDATE && 'connectionLimit' in request ? { ...apiFirewall, ...request } : request,
      )
      const { alerts } = await judge([firewall], entry)
      expect(alerts).toMatchObject([{ type: 'attribute_drift', compared: false, diffs: [] }])
    }
  }
})

const failure = { code: 13, message: 'INTERNAL' }

test('the two entries of an operation are one change, in either order', async () => {
  const first = firewallEntry(PATCH, opened)
  const once = await judge([firewall], first)
  for (const entries of [
    [first, lastEntry(PATCH)],
    [lastEntry(PATCH), first],
    [first, lastEntry(PATCH), first, lastEntry(PATCH)],
  ]) {
    const { alerts, reasons } = await judge([firewall], ...entries)
    expect(alerts).toEqual(once.alerts)
    expect(reasons).toEqual({ finding: 1, 'operation-end': 1 })
  }
})

test('an operation that fails in the end has changed nothing', async () => {
  for (const entries of [
    [firewallEntry(PATCH, opened), lastEntry(PATCH, failure)],
    [lastEntry(PATCH, failure), firewallEntry(PATCH, opened)],
  ]) {
    expect(await judge([firewall], ...entries)).toEqual({ alerts: [], reasons: { failed: 2 } })
  }
})

test('of two operations, the failure of one says nothing of the other', async () => {
  const other = { id: 'operation-2', producer: 'compute.googleapis.com', first: true }
  const second = firewallEntry(PATCH, { priority: 900 }, { operation: other, insertId: 'second' })
  const { alerts } = await judge([firewall], firewallEntry(PATCH, opened), second, lastEntry(PATCH, failure))
  expect(alerts.map(({ diffs }) => diffs)).toEqual([[['priority', 1000, 900]]])
})

test('an end without its beginning stands for the whole, as far as it tells', async () => {
  expect((await judge([firewall], lastEntry(DELETE))).alerts).toMatchObject([
    { type: 'resource_deleted', address: 'google_compute_firewall.ssh' },
  ])
  expect((await judge([], lastEntry(INSERT))).alerts).toMatchObject([{ type: 'unmanaged_resource' }])
  expect((await judge([firewall], lastEntry(PATCH))).alerts).toMatchObject([{ compared: false, diffs: [] }])
  expect(await judge([firewall], lastEntry(DELETE, failure))).toEqual({ alerts: [], reasons: { failed: 1 } })
})

test('an entry that is both the first and the last is the whole', async () => {
  const operation = { id: 'o', producer: 'compute.googleapis.com', first: true, last: true }
  const { alerts } = await judge([firewall], firewallEntry(PATCH, opened, { operation }))
  expect(alerts).toHaveLength(1)
})
