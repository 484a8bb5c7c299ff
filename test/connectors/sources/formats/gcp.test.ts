import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readEvents } from '../../../../connectors/sources/read-events.ts'
import type { JsonObject } from '../../../../processors/finding.ts'
import { bucketEntry, FIREWALL_ID, firewallEntry, PROJECT } from '../../../processors/gcp/an-entry.ts'
import { hashKey } from '../a-record.ts'

const PATCH = 'v1.compute.firewalls.patch'
const entry = (changes: JsonObject = {}, log: JsonObject = {}) =>
  firewallEntry(PATCH, { priority: 9 }, changes, log)
const lines = (...entries: unknown[]) => entries.map((one) => `${JSON.stringify(one)}\n`).join('')

async function readingsOf(content: string | Buffer) {
  const bytes = Buffer.from(content)
  return [...(await readEvents(bytes, { origin: 'gs://audit/S0.json', receivedAt: 5, hashKey }))]
}

async function eventOf(one: JsonObject) {
  const [reading] = await readingsOf(JSON.stringify(one))
  if (!reading || !('event' in reading)) throw new Error(`no event: ${JSON.stringify(reading)}`)
  return reading.event
}

test('an entry of the audit log becomes an event of its project', async () => {
  const { payload, ...event } = await eventOf(entry())
  expect(event).toEqual({
    eventId: `-6215lve1hil2|projects/${PROJECT}/logs/cloudaudit.googleapis.com%2Factivity|2026-03-02T10:15:01.353421Z`,
    provider: 'gcp',
    account: PROJECT,
    region: 'global',
    service: 'compute.googleapis.com',
    name: PATCH,
    time: Date.parse('2026-03-02T10:15:01.353Z'),
    readOnly: false,
    failed: false,
    origin: 'gs://audit/S0.json#1',
    receivedAt: 5,
  })
  expect(JSON.parse(payload)).toEqual(entry())
})

test('the file of a sink, a list and a message of one entry hold the same events', async () => {
  const two = [entry(), entry({ insertId: 'second' })]
  const names = async (content: string | Buffer) =>
    (await readingsOf(content)).map((one) => ('event' in one ? one.event.eventId.split('|')[0] : one))
  const expected = ['-6215lve1hil2', 'second']
  expect(await names(lines(...two))).toEqual(expected)
  expect(await names(gzipSync(lines(...two)))).toEqual(expected)
  expect(await names(JSON.stringify(two, null, 2))).toEqual(expected)
  expect(await names(JSON.stringify(two[0]))).toEqual(expected.slice(0, 1))
})

test('an entry that a log pipeline has rewritten is the same event', async () => {
  const { logName, insertId, timestamp: _, ...rest } = entry()
  const lower = { ...rest, logname: logName!, insertid: insertId!, timestamp: '2026-03-02 10:15:01.353421' }
  const { payload, ...event } = await eventOf(lower)
  const { payload: __, ...same } = await eventOf(entry())
  expect(event).toEqual({ ...same, eventId: same.eventId.replace(/[^|]+$/, lower.timestamp) })
  expect(JSON.parse(payload)).toMatchObject({ logName, insertId })
})

test('an entry without the name of its log has the project of its labels, or of its resource', async () => {
  const { logName: _, ...rest } = entry({ resource: { type: 'x', labels: { project_id: 'labelled' } } })
  expect((await eventOf(rest)).account).toBe('labelled')
  const { resource: __, ...bare } = rest
  expect((await eventOf(bare)).account).toBe(PROJECT)
  const log = rest.protoPayload as JsonObject
  expect(await readingsOf(lines({ ...rest, protoPayload: { ...log, serviceName: '' } }))).toMatchObject([
    { skipped: 'other-event' },
  ])
})

test('one id in two logs, or at two times, is of two entries', async () => {
  const { eventId } = await eventOf(entry())
  for (const changes of [
    { logName: 'projects/other/logs/cloudaudit.googleapis.com%2Factivity' },
    { timestamp: '2026-03-02T10:15:01.353422Z' },
    { insertId: 'other' },
  ]) {
    expect((await eventOf(entry(changes))).eventId).not.toBe(eventId)
  }
})

test('an entry without an id has one of its content', async () => {
  const { eventId } = await eventOf(entry({ insertId: '' }))
  expect(eventId).toMatch(/^sha256:/)
  expect((await eventOf(entry({ insertId: '' }))).eventId).toBe(eventId)
  expect((await eventOf(entry({ insertId: '', severity: 'INFO' }))).eventId).not.toBe(eventId)
})

test.each([
  ['projects/p/logs/cloudaudit.googleapis.com%2Fdata_access', 'data-event'],
  ['projects/p/logs/cloudaudit.googleapis.com%2Fpolicy', 'other-event'],
  ['projects/p/logs/cloudaudit.googleapis.com%2Faccess_transparency', 'other-event'],
  ['projects/p/logs/run.googleapis.com%2Frequests', 'other-event'],
])('an entry of the log %s is passed over with its reason', async (logName, skipped) => {
  const eventId = `-6215lve1hil2|${logName}|2026-03-02T10:15:01.353421Z`
  expect(await readingsOf(lines(entry({ logName })))).toEqual([
    { skipped, origin: 'gs://audit/S0.json#1', eventId },
  ])
})

test("an application's own entry, and one that names no call, are passed over", async () => {
  const { protoPayload: _, ...text } = entry({ textPayload: 'hello' })
  const readings = await readingsOf(lines(text, entry({}, { methodName: '' }), entry({ protoPayload: null })))
  expect(readings).toMatchObject(Array(3).fill({ skipped: 'other-event' }))
})

test('what Google does of its own accord is an event', async () => {
  const logName = `projects/${PROJECT}/logs/cloudaudit.googleapis.com%2Fsystem_event`
  expect(await eventOf(entry({ logName }))).toMatchObject({ account: PROJECT, failed: false })
})

test.each([
  ['projects/1234/logs/cloudaudit.googleapis.com%2Factivity', '1234'],
  ['organizations/77/logs/cloudaudit.googleapis.com%2Factivity', 'organizations/77'],
  ['folders/88/logs/cloudaudit.googleapis.com/activity', 'folders/88'],
])('what is in %s has the account %s', async (logName, account) => {
  expect((await eventOf(entry({ logName }))).account).toBe(account)
})

test.each<[string, JsonObject, string]>([
  [`projects/${PROJECT}/zones/europe-west1-b/instances/web`, { zone: 'us-central1-f' }, 'europe-west1'],
  [`projects/${PROJECT}/regions/europe-west1/subnetworks/web`, {}, 'europe-west1'],
  [`projects/${PROJECT}/locations/us/keyRings/k`, {}, 'us'],
  ['projects/_/buckets/shop-receipts', { location: 'EUROPE-WEST1' }, 'europe-west1'],
  ['instances/web', { zone: 'us-central1-f' }, 'us-central1'],
  [FIREWALL_ID, {}, 'global'],
])('%s with the labels %j is in %s', async (resourceName, labels, region) => {
  const resource = { type: 'x', labels }
  expect((await eventOf(entry({ resource }, { resourceName }))).region).toBe(region)
})

test.each<[JsonObject, boolean]>([
  [{}, false],
  [{ status: {} }, false],
  [{ status: { code: 0, message: 'OK' } }, false],
  [{ status: { message: 'Connection succeeded.' } }, false],
  [{ status: { code: 7, message: 'PERMISSION_DENIED' } }, true],
])('a call that says %j has failed: %s', async (log, failed) => {
  expect((await eventOf(entry({}, log))).failed).toBe(failed)
})

test.each([
  ['v1.compute.instances.list', true],
  ['compute.instances.aggregatedList', true],
  ['compute.instances.getSerialPortOutput', true],
  ['storage.buckets.get', true],
  ['google.iam.admin.v1.GetRole', true],
  ['TestIamPermissions', true],
  ['v1.compute.firewalls.insert', false],
  ['google.iam.admin.v1.CreateServiceAccount', false],
  ['SetIamPolicy', false],
  ['v1.compute.targetPools.addHealthCheck', false],
  ['compute.instances.detachDisk', false],
  ['google.example.v1.Gettysburg', false],
])('%s only reads: %s', async (methodName, readOnly) => {
  expect((await eventOf(entry({}, { methodName }))).readOnly).toBe(readOnly)
})

test.each(['soon', '', null, '2026-03-02', '2026-13-02T10:15:01Z', 1772446501])(
  'an entry of the time %j is a dead letter, and the others of its file go on',
  async (timestamp) => {
    const readings = await readingsOf(lines(entry({ timestamp }), entry()))
    expect(readings).toMatchObject([
      { deadLetter: { code: 'no-time', origin: 'gs://audit/S0.json#1' } },
      { event: { provider: 'gcp', origin: 'gs://audit/S0.json#2' } },
    ])
  },
)

test('what is no LogEntry, cut off, or too deep is a dead letter, and the others go on', async () => {
  const deep = `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`
  const content = [
    JSON.stringify({ hello: 1 }),
    JSON.stringify(entry()).slice(0, 400),
    JSON.stringify(entry()).replace('"labels":', `"deep":${deep},"labels":`),
    JSON.stringify(entry({ logName: 'nowhere' })),
    JSON.stringify(entry()),
  ].join('\n')
  expect(await readingsOf(content)).toMatchObject([
    { deadLetter: { code: 'no-records' } },
    { deadLetter: { code: 'not-json' } },
    { deadLetter: { code: 'nested-too-deep' } },
    { deadLetter: { code: 'no-records' } },
    { event: { provider: 'gcp' } },
  ])
})

test('the strangest values where objects and texts are due break nothing', async () => {
  for (const strange of [null, 7, 'x', [], [null], {}]) {
    const broken = bucketEntry('storage.setIamPermissions', {
      authenticationInfo: strange,
      requestMetadata: strange,
      serviceData: strange,
      resourceName: strange,
      status: strange,
      request: strange,
    })
    const [reading] = await readingsOf(lines({ ...broken, resource: strange, operation: strange }))
    expect(reading).toMatchObject({ event: { account: PROJECT, region: 'global' } })
  }
})

test('the secrets in a request are hashed', async () => {
  const request = {
    rootPassword: 'canary-1',
    metadata: {
      items: [
        { key: 'startup-script', value: 'curl canary-2' },
        { key: 'enable-oslogin', value: 'TRUE' },
      ],
    },
    privateKeyData: 'canary-3',
  }
  const { payload } = await eventOf(entry({}, { request }))
  expect(payload).not.toContain('canary')
  expect(payload).toContain('hmac-sha256:')
  expect(payload).toContain('TRUE')
})
