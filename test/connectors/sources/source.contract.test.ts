import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { sourceKinds } from '../../../connectors/sources/index.ts'
import { fileStore } from '../../../connectors/sources/terraform-state/stores/file.ts'
import { terraformState } from '../../../connectors/sources/terraform-state.ts'
import { azureRecord } from '../../processors/azure/a-record.ts'
import { aRecord, hashKey, type Json } from './a-record.ts'
import { fakeFeeds } from './fake-feeds.ts'
import { fakeLogBucket } from './fake-log-bucket.ts'
import { fakeSubscriptions } from './fake-subscriptions.ts'
import { fakeTrail } from './fake-trail.ts'
import { queuesOfFalco } from './falco/queues-of-falco.ts'
import { writersOfFalco } from './falco/writers-of-falco.ts'
import { type SourceHarness, sourceContract } from './source.contract.ts'

const feeds = fakeFeeds()
const deps = { hashKey, pollMs: 10, feeds }
let next = 0

/**
 * A backfill ends, and a receiver has no place to look at again: what it answers is the caller's acknowledgement. The
 * contract knows neither; their own tests hold them.
 */
type Endless = Exclude<keyof typeof sourceKinds, 'cloudtrail-s3' | 'falco-http' | 'gcp-pubsub-push'>

/** Every kind needs a harness: the compiler asks for it. */
const harnesses: Record<Endless | 'terraform-state', SourceHarness> = {
  'cloudtrail-files': {
    create: (folder) => sourceKinds['cloudtrail-files'].create({ paths: [folder], watch: true }, deps),
    add(folder, count) {
      mkdirSync(folder, { recursive: true })
      const records = Array.from({ length: count }, () => aRecord({ eventID: `id-${next++}` }))
      place(path.join(folder, `${next++}.json`), { Records: records })
    },
    namesIn: (outputs) => outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId)),
    breakPlace: (folder) => rmSync(folder, { recursive: true }),
    placeName: /cloudtrail-files: paths: .*missing: there is no such file or folder; create it/,
  },
  'cloudtrail-sqs': fakeTrail(),
  'azure-event-hubs': {
    // Each folder stands for an event hub.
    create: (folder) =>
      sourceKinds['azure-event-hubs'].create(
        {
          connectionString: 'Endpoint=sb://n.servicebus.windows.net/;SharedAccessKey=a',
          eventHub: folder,
          consumerGroup: '$Default',
        },
        deps,
      ),
    add(folder, count) {
      const records = Array.from({ length: count }, () => azureRecord({ correlationId: `id-${next++}` }))
      feeds.add(folder, [{ records }])
    },
    namesIn: (outputs) => outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId)),
    breakPlace: (folder) => feeds.takeAway(folder),
    placeName: /azure-event-hubs: there is no topic .*missing; create it, or correct its name/,
  },
  'gcp-storage': fakeLogBucket(),
  'gcp-pubsub': fakeSubscriptions(),
  'falco-grpc': queuesOfFalco(),
  'falco-socket': writersOfFalco(),
  'terraform-state': {
    create(folder) {
      const store = fileStore({ path: path.join(folder, 'terraform.tfstate'), acceptShrink: false })
      return terraformState({ states: [{ store, acceptShrink: false }], ...deps })
    },
    add(folder, count) {
      const file = path.join(folder, 'terraform.tfstate')
      const before = readdirSync(folder).includes('terraform.tfstate')
        ? JSON.parse(readFileSync(file, 'utf8'))
        : null
      const instances = Array.from({ length: count }, () => ({
        index_key: next++,
        attributes: { id: 'vpc-1' },
      }))
      const all = [...(before?.resources[0].instances ?? []), ...instances]
      const resources = [{ mode: 'managed', type: 'aws_vpc', name: 'a', instances: all }]
      place(file, { version: 4, serial: next++, lineage: 'l', resources })
    },
    namesIn: (outputs) =>
      outputs.flatMap(({ snapshots = [] }) =>
        snapshots.flatMap(({ value }) => value?.resource?.address ?? []),
      ),
    breakPlace: (folder) => rmSync(path.join(folder, 'terraform.tfstate')),
    placeName: /missing\/terraform\.tfstate: there is no such file; correct the path/,
  },
}

/** As a copying tool places a file: under another name first, with the time of the original. */
function place(file: string, content: Json): void {
  const hidden = path.join(path.dirname(file), '.copying')
  writeFileSync(hidden, JSON.stringify(content))
  utimesSync(hidden, new Date(), new Date(Date.now() - 3_600_000 + next++))
  renameSync(hidden, file)
}

for (const [kind, harness] of Object.entries(harnesses)) sourceContract(kind, harness)
