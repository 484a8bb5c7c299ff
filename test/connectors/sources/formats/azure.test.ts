import { expect, test } from 'vitest'
import { readEvents } from '../../../../connectors/sources/read-events.ts'
import type { JsonObject } from '../../../../processors/finding.ts'
import { azureRecord, RULE_ID, SUBSCRIPTION } from '../../../processors/azure/a-record.ts'
import { hashKey } from '../a-record.ts'

async function readingsOf(...records: unknown[]) {
  const bytes = Buffer.from(JSON.stringify({ records }))
  return [...(await readEvents(bytes, { origin: 'hub/0/7', receivedAt: 5, hashKey }))]
}

async function eventOf(record: JsonObject) {
  const [reading] = await readingsOf(record)
  if (!reading || !('event' in reading)) throw new Error(`no event: ${JSON.stringify(reading)}`)
  return reading.event
}

test('a record of the activity log becomes an event of its subscription', async () => {
  const { payload, ...event } = await eventOf(azureRecord())
  expect(event).toEqual({
    eventId: `3b1d4a52-2b9a-4a08-8a1c-4c2f6e0a9f11|microsoft.network/networksecuritygroups/securityrules/write|${RULE_ID.toLowerCase()}`,
    provider: 'azure',
    account: SUBSCRIPTION,
    region: 'global',
    service: 'MICROSOFT.NETWORK',
    name: 'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE',
    time: Date.parse('2026-03-02T10:15:01.123Z'),
    readOnly: false,
    failed: false,
    origin: 'hub/0/7#1',
    receivedAt: 5,
  })
  expect(JSON.parse(payload)).toMatchObject({ callerIpAddress: '203.0.113.10' })
})

test('an operation with its translation is the same operation', async () => {
  const operationName = {
    value: 'Microsoft.Network/networkSecurityGroups/securityRules/write',
    localizedValue: 'x',
  }
  const event = await eventOf(azureRecord({ operationName }))
  expect(event.eventId).toBe((await eventOf(azureRecord())).eventId)
  expect(event).toMatchObject({ service: 'Microsoft.Network', name: operationName.value })
})

test.each([
  ['Start', 'call-started'],
  ['Started', 'call-started'],
  ['Accept', 'call-started'],
  ['Accepted', 'call-started'],
])('a record of a beginning (%s) is passed over with its reason', async (resultType, skipped) => {
  expect(await readingsOf(azureRecord({ resultType }))).toEqual([
    { skipped, origin: 'hub/0/7#1', eventId: (await eventOf(azureRecord())).eventId },
  ])
})

test.each([
  ['StorageWrite', 'data-event'],
  ['AuditEvent', 'data-event'],
  ['Policy', 'other-event'],
  ['ServiceHealth', 'other-event'],
  ['SignInLogs', 'other-event'],
])('a record of another log (%s) is passed over with its reason', async (category, skipped) => {
  expect(await readingsOf(azureRecord({ category }))).toMatchObject([{ skipped }])
})

test.each([
  ['Success', false],
  ['Succeeded', false],
  ['Failure', true],
  ['Failed', true],
  ['Canceled', true],
])('of outcomes, %s has failed: %s', async (resultType, failed) => {
  expect((await eventOf(azureRecord({ resultType }))).failed).toBe(failed)
})

test.each([
  ['Microsoft.Storage/storageAccounts/read', true],
  ['Microsoft.Storage/storageAccounts/listKeys/action', true],
  ['Microsoft.Storage/storageAccounts/regenerateKey/action', false],
  ['Microsoft.Storage/storageAccounts/write', false],
])('%s only reads: %s', async (operationName, readOnly) => {
  expect((await eventOf(azureRecord({ operationName }))).readOnly).toBe(readOnly)
})

test('a record without a time, or of no known form, is a dead letter, and the others of its message go on', async () => {
  const readings = await readingsOf(azureRecord({ time: 'soon' }), { hello: 1 }, azureRecord())
  expect(readings).toMatchObject([
    { deadLetter: { code: 'no-time' } },
    { deadLetter: { code: 'no-records' } },
    { event: { provider: 'azure' } },
  ])
})

test('the secrets in bodies are hashed, however the bodies are written', async () => {
  const secrets = {
    properties: {
      osProfile: { adminPassword: 'canary-1', customData: 'canary-2' },
      siteConfig: { appSettings: [{ name: 'DB_PASSWORD', value: 'canary-3' }] },
      protectedSettings: { commandToExecute: 'curl canary-4' },
      parameters: { sqlPassword: { value: 'canary-5' } },
      visible: 'plain',
    },
    tags: '******',
  }
  const whole = JSON.stringify(secrets)
  for (const requestbody of [secrets, whole, `\r\n ${whole}`, whole.slice(0, -20)]) {
    const properties = { requestbody, responseBody: `  ${whole}` } as JsonObject
    for (const form of [properties, JSON.stringify(properties)]) {
      const { payload } = await eventOf(azureRecord({ properties: form }))
      expect(payload).not.toContain('canary')
      expect(payload).toContain('hmac-sha256:')
    }
    const { payload } = await eventOf(azureRecord({ properties }))
    expect(payload).toContain('plain')
    expect(payload).toContain('******')
  }
})

test('a record without a correlation id has one of its content', async () => {
  const { eventId } = await eventOf(azureRecord({ correlationId: null }))
  expect(eventId).toMatch(/^sha256:/)
  expect((await eventOf(azureRecord({ correlationId: null }))).eventId).toBe(eventId)
})
