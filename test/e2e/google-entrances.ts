import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../../processors/finding.ts'
import { bucketEntry, deltas, firewallEntry, stateFirewall } from '../processors/gcp/an-entry.ts'
import { available } from '../services/available.ts'
import { freePort } from '../services/ports.ts'
import { FakePubsub } from '../support/fake-pubsub.ts'
import { GoogleKey } from '../support/google-identity.ts'
import { makeLogBucket } from '../support/log-bucket.ts'
import type { EntranceKind } from './entrance.ts'

const firewall = {
  state: { type: 'google_compute_firewall', attributes: stateFirewall },
  alert: {
    type: 'attribute_drift',
    resource: { type: 'google_compute_firewall' },
    actor: { name: 'alice@example.com' },
    diffs: [{ attribute: 'source_ranges', oldValue: '["10.0.0.0/8"]', newValue: '["0.0.0.0/0"]' }],
  },
}

const role = 'roles/storage.objectViewer'
const grants = {
  state: {
    type: 'google_storage_bucket_iam_binding',
    attributes: {
      bucket: 'b/shop-receipts',
      id: `b/shop-receipts/${role}`,
      members: ['user:clara@example.com'],
      role,
    },
  },
  alert: {
    type: 'attribute_drift',
    resource: { type: 'google_storage_bucket_iam_binding' },
    actor: { name: 'bob@example.com' },
    diffs: [{ attribute: 'members', newValue: '["allUsers"]' }],
  },
}

function givenToAll(): JsonObject {
  const delta = { action: 'ADD', role, member: 'allUsers' }
  return bucketEntry('storage.setIamPermissions', deltas(delta), { insertId: randomUUID() })
}

function opened(): JsonObject {
  return firewallEntry(
    'v1.compute.firewalls.patch',
    { sourceRanges: ['0.0.0.0/0'] },
    { insertId: randomUUID() },
  )
}

/** Where Google's audit logs come from. */
export const googleEntrances: EntranceKind[] = [
  {
    name: 'an object in Cloud Storage',
    missing: !available().gcs,
    ...firewall,
    async open() {
      const logs = await makeLogBucket(available().gcs!.endpoint)
      const { bucket, endpoint } = logs
      const hour = new Date().toISOString().slice(0, 13).replaceAll('-', '/').replace('T', '/')
      return {
        source: { kind: 'gcp-storage', bucket, endpoint, intervalMs: 100 },
        send: () => logs.add(hour, `${JSON.stringify(opened())}\n`),
        // Of an object there is nothing to acknowledge.
        acknowledged: async () => true,
        close: () => logs.remove(),
      }
    },
  },
  {
    name: 'a message pulled from Pub/Sub',
    missing: false,
    ...firewall,
    async open() {
      const service = new FakePubsub()
      const endpoint = await service.listen()
      return {
        source: { kind: 'gcp-pubsub', subscription: service.subscription, endpoint },
        send: async () => void service.publish(opened()),
        acknowledged: async () => service.left() === 0,
        close: async () => service.close(),
      }
    },
  },
  {
    name: 'a message that Pub/Sub pushes',
    missing: false,
    ...grants,
    async open() {
      const [port, key] = [await freePort(), new GoogleKey()]
      const { certsUrl, close } = await key.serveCerts()
      const [audience, email] = ['https://drift.example.com/', 'push@tests.iam.gserviceaccount.com']
      let status = 0
      return {
        source: { kind: 'gcp-pubsub-push', port, audience, serviceAccount: email, certsUrl },
        async send() {
          const authorization = `Bearer ${key.pushToken({ aud: audience, email })}`
          const data = Buffer.from(JSON.stringify(givenToAll())).toString('base64')
          const body = JSON.stringify({
            message: { data, messageId: '1', publishTime: new Date().toISOString() },
            subscription: 'projects/tests/subscriptions/push',
          })
          const headers = { 'content-type': 'application/json', authorization }
          status = (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })).status
        },
        acknowledged: async () => status === 204,
        close: async () => close(),
      }
    },
  },
]
