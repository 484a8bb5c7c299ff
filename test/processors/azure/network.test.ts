import { expect, test } from 'vitest'
import { createContext } from '../../../cli/context.ts'
import { createCollector } from '../../../cli/detect/collect-findings.ts'
import { readEvents } from '../../../connectors/sources/read-events.ts'
import { parseState } from '../../../connectors/sources/terraform-state/parse.ts'
import { toSnapshots } from '../../../connectors/sources/terraform-state/snapshot.ts'
import type { JsonObject } from '../../../processors/finding.ts'
import { createMatcher } from '../../../processors/match.ts'
import { createPipeline } from '../../../processors/pipeline.ts'
import { createStateIndex } from '../../../processors/state-index.ts'
import { stateRow } from '../../../processors/state-row.ts'
import { apiRule, azureRecord, GROUP_ID, RULE_ID, responseOf, SUBSCRIPTION, stateRule } from './a-record.ts'

const hashKey = Buffer.alloc(32, 7)
const context = createContext({ hashKey, unmanagedAny: false })

/** From the bytes of a message to alerts, through the same steps as in the product. */
async function judge(state: JsonObject[], ...records: JsonObject[]) {
  const states = createStateIndex(context.mappings)
  const document = { version: 4, serial: 1, lineage: 'l', outputs: {}, resources: state }
  const parsed = parseState(Buffer.from(JSON.stringify(document)), 'azure.tfstate')
  for (const { key, value } of toSnapshots(parsed, { hashKey, capturedAt: 0 })) {
    const row = stateRow(key, value)
    if (row) states.add(row)
  }
  const collector = createCollector(
    createPipeline({ context, matcher: createMatcher([]), admits: () => true }),
    states,
  )
  const bytes = Buffer.from(JSON.stringify({ records }))
  for (const reading of await readEvents(bytes, { origin: 'hub', receivedAt: 0, hashKey })) {
    if ('event' in reading) collector.add(reading.event)
  }
  const alerts = collector.alerts(new Date(0)).map(({ type, compared, resource, diffs, ...rest }) => ({
    ...rest,
    type,
    compared,
    address: resource?.address,
    resource: `${resource?.type} ${resource?.id}`,
    diffs: diffs.map(({ attribute, oldValue, newValue }) => [
      attribute,
      JSON.parse(oldValue ?? 'null'),
      JSON.parse(newValue ?? 'null'),
    ]),
  }))
  return { alerts, reasons: [...collector.funnel.counts.keys()] }
}

function managed(type: string, name: string, attributes: object): JsonObject {
  const provider = 'provider["registry.terraform.io/hashicorp/azurerm"]'
  return { mode: 'managed', type, name, provider, instances: [{ attributes: attributes as JsonObject }] }
}

const names = { resource_group_name: 'net-rg', network_security_group_name: 'web' }
const ownRule = managed('azurerm_network_security_rule', 'ssh', { ...stateRule, ...names, id: RULE_ID })
const bareGroup = managed('azurerm_network_security_group', 'web', {
  id: GROUP_ID,
  name: 'web',
  security_rule: [],
})
const fullGroup = managed('azurerm_network_security_group', 'web', {
  id: GROUP_ID,
  name: 'web',
  security_rule: [stateRule],
})

const opened = { responseBody: responseOf({ ...apiRule, sourceAddressPrefix: '*' }) }
const removal = {
  operationName: 'Microsoft.Network/networkSecurityGroups/securityRules/delete',
}

test('W9 a rule opened to the world is drift of its prefix, by whom, with the command that closes it', async () => {
  const { alerts } = await judge([bareGroup, ownRule], azureRecord({}, opened))
  expect(alerts).toHaveLength(1)
  expect(alerts[0]).toMatchObject({
    type: 'attribute_drift',
    address: 'azurerm_network_security_rule.ssh',
    resource: `azurerm_network_security_rule ${RULE_ID}`,
    diffs: [['source_address_prefix', '10.0.0.0/8', '*']],
    actor: {
      type: 'User',
      name: 'alice@example.com',
      email: 'alice@example.com',
      tool: 'console',
      mfa: true,
    },
    sourceEvent: { id: '3b1d4a52-2b9a-4a08-8a1c-4c2f6e0a9f11', time: '2026-03-02T10:15:01.123Z' },
    revertCommand: `az network nsg rule update --ids ${RULE_ID} --source-address-prefixes 10.0.0.0/8`,
  })
})

test('a rule written as it is declared is none, whatever the case of its protocol', async () => {
  const { alerts, reasons } = await judge([bareGroup, ownRule], azureRecord())
  expect(alerts).toEqual([])
  expect(reasons).toContain('as-declared')
})

test('of a request and its answer the request says what was set', async () => {
  const request = {
    properties: {
      ...apiRule,
      access: 'Deny',
      destinationPortRange: null,
      destinationPortRanges: ['22', '2222'],
    },
  }
  const { alerts } = await judge([ownRule], azureRecord({}, { requestbody: JSON.stringify(request) }))
  expect(alerts[0]?.diffs).toEqual([
    ['access', 'Allow', 'Deny'],
    ['destination_port_range', '22', null],
    ['destination_port_ranges', null, ['22', '2222']],
  ])
})

test('the records of one call are one event, whichever come and in what case', async () => {
  const start = azureRecord({ resultType: 'Start', resultSignature: 'Started.' }, opened)
  const accept = azureRecord({ resultType: 'Accept', resultSignature: 'Accepted.Created' }, opened)
  const success = azureRecord({}, opened)
  const again = azureRecord({ resourceId: RULE_ID, resultType: 'Succeeded' }, opened)
  const once = await judge([ownRule], success)
  const { alerts } = await judge([ownRule], start, accept, success, again)
  expect(alerts.map(({ id, driftId }) => [id, driftId])).toEqual([
    [once.alerts[0]?.id, once.alerts[0]?.driftId],
  ])
  expect((await judge([ownRule], start, accept)).alerts).toEqual([])
})

test('a call that failed is none', async () => {
  const { alerts, reasons } = await judge([ownRule], azureRecord({ resultType: 'Failure' }, opened))
  expect(alerts).toEqual([])
  expect(reasons).toEqual(['failed'])
})

test('one call of a deployment is told from another by its resource', async () => {
  const other = azureRecord({ resourceId: RULE_ID.replace('ssh', 'rdp') }, opened)
  const { alerts } = await judge([bareGroup, ownRule], azureRecord({}, opened), other)
  expect(alerts.map(({ type, resource }) => [type, resource]).sort()).toEqual([
    ['attribute_drift', `azurerm_network_security_rule ${RULE_ID}`],
    ['unmanaged_resource', `azurerm_network_security_rule ${RULE_ID.replace('ssh', 'rdp').toLowerCase()}`],
  ])
})

test('a rule in a group that holds its rules inline is drift of the group', async () => {
  const added = azureRecord(
    { resourceId: RULE_ID.replace('ssh', 'rdp') },
    {
      entity: null,
      ...opened,
      responseBody: null,
      requestbody: JSON.stringify({ properties: { ...apiRule, priority: 200 } }),
    },
  )
  const [changed] = (await judge([fullGroup], azureRecord({}, opened))).alerts
  const [one] = (await judge([fullGroup], added)).alerts
  expect(changed).toMatchObject({
    type: 'attribute_drift',
    resource: `azurerm_network_security_group ${GROUP_ID}`,
  })
  expect(changed?.diffs).toEqual([
    [
      'security_rule',
      [stateRule],
      [expect.objectContaining({ name: 'ssh', source_address_prefix: '*', priority: 100 })],
    ],
  ])
  expect(one?.diffs).toEqual([
    ['security_rule', null, [expect.objectContaining({ name: 'rdp', priority: 200 })]],
  ])
  expect((await judge([fullGroup], azureRecord())).alerts).toEqual([])
})

test('a rule of a group whose other rules are resources of their own is unmanaged', async () => {
  const other = azureRecord(
    { resourceId: RULE_ID.replace('ssh', 'rdp') },
    { responseBody: responseOf(apiRule) },
  )
  const { alerts } = await judge([fullGroup, ownRule], other)
  expect(alerts.map(({ type, address }) => [type, address])).toEqual([['unmanaged_resource', null]])
})

test('a rule taken away is a deleted resource, or drift of the group that holds it inline', async () => {
  const record = azureRecord(removal, { responseBody: null })
  expect((await judge([ownRule], record)).alerts).toMatchObject([
    { type: 'resource_deleted', address: 'azurerm_network_security_rule.ssh', diffs: [] },
  ])
  expect((await judge([fullGroup], record)).alerts).toMatchObject([
    { type: 'attribute_drift', diffs: [['security_rule', [stateRule], null]] },
  ])
})

test('a rule written unseen is never an invented difference', async () => {
  for (const state of [ownRule, fullGroup]) {
    const { alerts } = await judge([state], azureRecord({}, { responseBody: null }))
    expect(alerts).toMatchObject([{ type: 'attribute_drift', compared: false, diffs: [] }])
  }
})

test('every part of a rule is compared', async () => {
  const groupsOf = (name: string) => [
    { id: `/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/applicationSecurityGroups/${name}` },
  ]
  const other = {
    access: 'Deny',
    direction: 'Outbound',
    priority: 4096,
    protocol: 'Udp',
    description: 'another',
    sourcePortRange: '1',
    sourcePortRanges: ['2'],
    destinationPortRange: '3',
    destinationPortRanges: ['4'],
    sourceAddressPrefix: '10.0.0.1',
    sourceAddressPrefixes: ['10.0.0.2'],
    destinationAddressPrefix: '10.0.0.3',
    destinationAddressPrefixes: ['10.0.0.4'],
    sourceApplicationSecurityGroups: groupsOf('a'),
    destinationApplicationSecurityGroups: groupsOf('b'),
  }
  const { alerts } = await judge([ownRule], azureRecord({}, { responseBody: responseOf(other) }))
  const { name: _, ...attributes } = stateRule
  expect(alerts[0]?.diffs.map(([attribute]) => attribute)).toEqual(Object.keys(attributes).sort())
})

const group = (status: string, body: object) =>
  azureRecord(
    {
      resourceId: GROUP_ID,
      operationName: 'Microsoft.Network/networkSecurityGroups/write',
      resultSignature: `Succeeded.${status}`,
    },
    { statusCode: status, entity: GROUP_ID, responseBody: JSON.stringify(body) },
  )

test('a group is unmanaged if the record says that it was created', async () => {
  expect((await judge([], group('Created', { properties: {} }))).alerts).toMatchObject([
    { type: 'unmanaged_resource', resource: `azurerm_network_security_group ${GROUP_ID.toLowerCase()}` },
  ])
  expect(await judge([], group('OK', { properties: {} }))).toMatchObject({
    alerts: [],
    reasons: ['unmanaged'],
  })
})

const inList = (name: string, changes: object = {}) => ({
  name,
  id: `${GROUP_ID}/securityRules/${name}`,
  properties: { ...apiRule, ...changes },
})
const twoRules = managed('azurerm_network_security_group', 'web', {
  id: GROUP_ID,
  name: 'web',
  security_rule: [stateRule, { ...stateRule, name: 'rdp', priority: 200 }],
})

test('a group written as a whole is compared rule by rule, in any order', async () => {
  const same = [inList('rdp', { priority: 200 }), inList('SSH', { protocol: 'tcp' })]
  expect(await judge([twoRules], group('OK', { properties: { securityRules: same } }))).toMatchObject({
    alerts: [],
    reasons: ['as-declared'],
  })
  const other = [inList('ssh', { sourceAddressPrefix: '*' }), inList('web', { priority: 300 })]
  const { alerts } = await judge([twoRules], group('OK', { properties: { securityRules: other } }))
  expect(alerts).toHaveLength(1)
  const [attribute, before, after] = alerts[0]!.diffs[0]!
  expect([attribute, before.map(({ name }: { name: string }) => name).sort()]).toEqual([
    'security_rule',
    ['rdp', 'ssh'],
  ])
  expect(after).toEqual([
    expect.objectContaining({ name: 'ssh', source_address_prefix: '*' }),
    expect.objectContaining({ name: 'web', priority: 300 }),
  ])
  const none = await judge([twoRules], group('OK', { properties: { securityRules: [] } }))
  expect(none.alerts).toMatchObject([{ compared: true }])
  expect(none.alerts[0]!.diffs[0]![1]).toHaveLength(2)
})

test('a group whose rules stand on their own, or that is written without them, is not compared', async () => {
  const rules = { properties: { securityRules: [inList('ssh', { access: 'Deny' })] } }
  for (const [state, body] of [
    [[twoRules, ownRule], rules],
    [[bareGroup], rules],
    [[twoRules], { properties: { flushConnection: true } }],
    [[twoRules], {}],
  ] as const) {
    const { alerts } = await judge([...state], group('OK', body))
    expect(alerts).toMatchObject([{ type: 'attribute_drift', compared: false, diffs: [] }])
  }
})

test('hidden tags say nothing', async () => {
  const { alerts, reasons } = await judge(
    [bareGroup],
    group('OK', { location: 'westeurope', tags: '******' }),
  )
  expect(alerts).toEqual([])
  expect(reasons).toEqual(['no-effect'])
})

test('a resource is matched in its subscription and keyed without case or region', async () => {
  const elsewhere = RULE_ID.replace(SUBSCRIPTION, '11111111-1111-1111-1111-111111111111')
  const { alerts } = await judge(
    [managed('azurerm_network_security_rule', 'ssh', { ...stateRule, id: elsewhere })],
    azureRecord(),
  )
  expect(alerts).toMatchObject([{ type: 'unmanaged_resource', address: null }])
  const lower = managed('azurerm_network_security_rule', 'ssh', { ...stateRule, id: RULE_ID.toLowerCase() })
  const [a] = (await judge([ownRule], azureRecord({}, opened))).alerts
  const [b] = (await judge([lower], azureRecord({ resourceId: RULE_ID }, opened))).alerts
  expect(a?.driftId).toBe(b?.driftId)
})
