import { expect, test } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { bucketEntry, deltas, PROJECT, TERRAFORM } from './an-entry.ts'
import { comparedBy, judge, managed } from './judge.ts'

const VIEWER = 'roles/storage.objectViewer'
const ADMIN = 'roles/storage.admin'
const SET_IAM = 'storage.setIamPermissions'
const clara = 'user:clara@example.com'
const dan = 'user:dan@example.com'

const binding = managed('google_storage_bucket_iam_binding', 'viewers', {
  bucket: 'b/shop-receipts',
  condition: [],
  etag: 'CAM=',
  id: `b/shop-receipts/${VIEWER}`,
  members: [clara, dan],
  role: VIEWER,
})
const member = managed('google_storage_bucket_iam_member', 'clara', {
  bucket: 'b/shop-receipts',
  condition: [],
  etag: 'CAM=',
  id: `b/shop-receipts/${VIEWER}/${clara}`,
  member: clara,
  role: VIEWER,
})
const policy = managed('google_storage_bucket_iam_policy', 'all', {
  bucket: 'b/shop-receipts',
  etag: 'CAU=',
  id: 'b/shop-receipts',
  policy_data: JSON.stringify({
    bindings: [
      { members: [clara, dan], role: ADMIN },
      { members: [dan], role: VIEWER },
    ],
  }),
})

const add = (who: string, role = VIEWER): JsonObject => ({ action: 'ADD', role, member: who })
const take = (who: string, role = VIEWER): JsonObject => ({ action: 'REMOVE', role, member: who })
const iam = (...changes: JsonObject[]) => bucketEntry(SET_IAM, deltas(...changes))
const told = (alerts: Awaited<ReturnType<typeof judge>>['alerts']) =>
  alerts.map(({ type, address, diffs }) => [type, address, diffs])

test('a bucket given to everybody is drift of the binding that lists the members, by whom', async () => {
  const { alerts } = await judge([binding], iam(add('allUsers')))
  expect(alerts).toHaveLength(1)
  expect(alerts[0]).toMatchObject({
    type: 'attribute_drift',
    address: 'google_storage_bucket_iam_binding.viewers',
    resource: `google_storage_bucket_iam_binding b/shop-receipts/${VIEWER}`,
    diffs: [['members', null, ['allUsers']]],
    severity: 'high',
    matchedRules: [{ id: 'gcp-002' }],
    actor: { name: 'bob@example.com', tool: 'cli', sourceIp: '198.51.100.7' },
    sourceEvent: { id: '15cp9rve72xt1', name: SET_IAM, time: '2026-03-02T11:28:42.237Z' },
  })
})

const rows = { binding, member, policy }

test.each<[string, (keyof typeof rows)[], JsonObject[], unknown[]]>([
  [
    'two members that come and one that goes, of one binding',
    ['binding'],
    [add('allUsers'), add('allAuthenticatedUsers'), take(dan)],
    [
      [
        'attribute_drift',
        'google_storage_bucket_iam_binding.viewers',
        [['members', [dan], ['allAuthenticatedUsers', 'allUsers']]],
      ],
    ],
  ],
  ['a member that the binding has already', ['binding'], [add(clara)], []],
  [
    'a member that the binding has already, written otherwise',
    ['binding'],
    [add('user:Clara@Example.com')],
    [],
  ],
  ['a member that goes, and that the binding never had', ['binding'], [take('allUsers')], []],
  [
    'a member beside one that was there already',
    ['binding'],
    [add(clara), add('allUsers')],
    [['attribute_drift', 'google_storage_bucket_iam_binding.viewers', [['members', null, ['allUsers']]]]],
  ],
  [
    'a member of another role than the binding has',
    ['binding'],
    [add('allUsers', ADMIN)],
    [['unmanaged_resource', null, []]],
  ],
  [
    'a grant that is a resource of its own, and goes',
    ['member'],
    [take(clara)],
    [['resource_deleted', 'google_storage_bucket_iam_member.clara', []]],
  ],
  ['a grant that is a resource of its own, and comes', ['member'], [add(clara)], []],
  [
    'a grant beside one that is a resource of its own',
    ['member'],
    [add(dan)],
    [['unmanaged_resource', null, []]],
  ],
  [
    'a grant of a role that has both a binding and resources of their own',
    ['binding', 'member'],
    [add('allUsers')],
    [['unmanaged_resource', null, []]],
  ],
  ['a grant that goes, and that no state holds', [], [take(clara)], []],
  [
    'members that come and go, of a policy as a whole',
    ['policy'],
    [add('allUsers'), take(clara, ADMIN), add(dan)],
    [
      [
        'attribute_drift',
        'google_storage_bucket_iam_policy.all',
        [['policy_data', [{ members: [clara], role: ADMIN }], [{ members: ['allUsers'], role: VIEWER }]]],
      ],
    ],
  ],
  [
    'a role that a policy as a whole does not have',
    ['policy'],
    [add('allUsers', 'roles/storage.legacyBucketReader')],
    [
      [
        'attribute_drift',
        'google_storage_bucket_iam_policy.all',
        [['policy_data', null, [{ members: ['allUsers'], role: 'roles/storage.legacyBucketReader' }]]],
      ],
    ],
  ],
  ['what a policy as a whole has already', ['policy'], [add(clara, ADMIN), take('allUsers')], []],
  ['nothing that was granted or taken', ['binding'], [], []],
])('%s', async (_, states, changes, expected) => {
  const { alerts } = await judge(
    states.map((name) => rows[name]),
    iam(...changes),
  )
  expect(told(alerts)).toEqual(expected)
})

test('a grant that no state holds is unmanaged, under the id that Terraform would give it', async () => {
  const { alerts } = await judge([], iam(add('allUsers'), add(dan, ADMIN)))
  expect(alerts.map(({ type, resource }) => [type, resource]).sort()).toEqual([
    ['unmanaged_resource', `google_storage_bucket_iam_member b/shop-receipts/${ADMIN}/${dan}`],
    ['unmanaged_resource', `google_storage_bucket_iam_member b/shop-receipts/${VIEWER}/allUsers`],
  ])
})

test('a grant with a condition is another one than the same without', async () => {
  const condition = {
    title: 'until-may',
    description: '',
    expression: 'request.time < timestamp("2026-05-01")',
  }
  const suffix = `/${condition.title}/${condition.description}/${condition.expression}`
  const conditional = managed('google_storage_bucket_iam_binding', 'may', {
    bucket: 'b/shop-receipts',
    condition: [condition],
    id: `b/shop-receipts/${VIEWER}${suffix}`,
    members: [clara],
    role: VIEWER,
  })
  const { alerts } = await judge([binding, conditional], iam({ ...add('allUsers'), condition }))
  expect(told(alerts)).toEqual([
    ['attribute_drift', 'google_storage_bucket_iam_binding.may', [['members', null, ['allUsers']]]],
  ])
  const plain = await judge([binding, conditional], iam(add('allUsers')))
  expect(plain.alerts).toMatchObject([{ address: 'google_storage_bucket_iam_binding.viewers' }])
  const alone = await judge([], iam({ ...add(dan), condition }))
  expect(alone.alerts).toMatchObject([
    { resource: `google_storage_bucket_iam_member b/shop-receipts/${VIEWER}/${dan}${suffix}` },
  ])
})

test('grants are of the bucket, whose project their rows do not name, also where the role belongs to one', async () => {
  const role = 'projects/another-project/roles/reader'
  const custom = managed('google_storage_bucket_iam_binding', 'readers', {
    bucket: 'b/shop-receipts',
    condition: [],
    id: `b/shop-receipts/${role}`,
    members: [clara],
    role,
  })
  const { alerts } = await judge([custom], iam(add('allUsers', role)))
  expect(alerts).toMatchObject([{ address: 'google_storage_bucket_iam_binding.readers' }])
  const other = bucketEntry(SET_IAM, { ...deltas(take(clara)), resourceName: 'projects/_/buckets/another' })
  expect((await judge([binding], other)).alerts).toEqual([])
})

test("a member put back resolves the drift, and Terraform's own grants are none", async () => {
  const later = { insertId: 'later', timestamp: '2026-03-02T12:00:00Z' }
  const back = bucketEntry(SET_IAM, deltas(take('allUsers')), later)
  expect((await judge([binding], iam(add('allUsers')), back)).alerts).toMatchObject([{ status: 'resolved' }])
  const requestMetadata = { callerSuppliedUserAgent: TERRAFORM }
  const apply = bucketEntry(SET_IAM, { ...deltas(add(clara)), requestMetadata })
  expect((await judge([binding], apply)).reasons).toEqual({ 'as-declared': 1 })
})

test('a call that failed is none', async () => {
  const refused = bucketEntry(SET_IAM, { ...deltas(add('allUsers')), status: { code: 7 } })
  expect(await judge([binding], refused)).toEqual({ alerts: [], reasons: { failed: 1 } })
})

const bucket = managed('google_storage_bucket', 'receipts', {
  autoclass: [],
  cors: [],
  default_event_based_hold: false,
  effective_labels: { env: 'prod', team: 'shop', 'goog-terraform-provisioned': 'true' },
  encryption: [],
  id: 'shop-receipts',
  labels: { env: 'prod' },
  lifecycle_rule: [],
  location: 'EUROPE-WEST1',
  logging: [],
  name: 'shop-receipts',
  project: PROJECT,
  public_access_prevention: 'enforced',
  requester_pays: false,
  retention_policy: [],
  rpo: null,
  self_link: 'https://www.googleapis.com/storage/v1/b/shop-receipts',
  soft_delete_policy: [{ retention_duration_seconds: 604800 }],
  storage_class: 'STANDARD',
  uniform_bucket_level_access: true,
  url: 'gs://shop-receipts',
  versioning: [{ enabled: true }],
  website: [],
})

const settings: [request: JsonObject, diffs: [attribute: string, before: unknown, after: unknown][]][] = [
  [
    { iamConfiguration: { publicAccessPrevention: 'inherited' } },
    [['public_access_prevention', 'enforced', 'inherited']],
  ],
  [
    { iamConfiguration: { uniformBucketLevelAccess: { enabled: false } } },
    [['uniform_bucket_level_access', true, false]],
  ],
  [{ versioning: { enabled: false } }, [['versioning[0].enabled', true, false]]],
  [{ versioning: { enabled: true }, storageClass: 'STANDARD' }, []],
  [{ storageClass: 'NEARLINE' }, [['storage_class', 'STANDARD', 'NEARLINE']]],
  [{ labels: { env: 'test' } }, [['labels.env', 'prod', 'test']]],
  [{ labels: { team: 'shop', owner: 'bob' } }, [['labels.owner', null, 'bob']]],
  [{ labels: { env: null } }, [['labels.env', 'prod', null]]],
  [{ billing: { requesterPays: true } }, [['requester_pays', false, true]]],
  [{ defaultEventBasedHold: true }, [['default_event_based_hold', false, true]]],
  [{ encryption: { defaultKmsKeyName: 'k' } }, [['encryption[0].default_kms_key_name', null, 'k']]],
  [
    { logging: { logBucket: 'logs', logObjectPrefix: 'r' } },
    [
      ['logging[0].log_bucket', null, 'logs'],
      ['logging[0].log_object_prefix', null, 'r'],
    ],
  ],
  [
    { retentionPolicy: { retentionPeriod: '3600' } },
    [['retention_policy[0].retention_period', null, '3600']],
  ],
  [{ softDeletePolicy: { retentionDurationSeconds: '604800' } }, []],
  [
    { softDeletePolicy: { retentionDurationSeconds: '0' } },
    [['soft_delete_policy[0].retention_duration_seconds', 604800, '0']],
  ],
  [
    { autoclass: { enabled: true, terminalStorageClass: 'ARCHIVE' } },
    [
      ['autoclass[0].enabled', null, true],
      ['autoclass[0].terminal_storage_class', null, 'ARCHIVE'],
    ],
  ],
  [{ rpo: 'ASYNC_TURBO' }, [['rpo', null, 'ASYNC_TURBO']]],
  [
    { website: { mainPageSuffix: 'index.html', notFoundPage: '404.html' } },
    [
      ['website[0].main_page_suffix', null, 'index.html'],
      ['website[0].not_found_page', null, '404.html'],
    ],
  ],
  [
    { cors: [{ origin: ['*'], method: ['GET'], responseHeader: ['*'], maxAgeSeconds: 60 }] },
    [['cors', null, [{ origin: ['*'], method: ['GET'], response_header: ['*'], max_age_seconds: 60 }]]],
  ],
  [
    { lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 1, isLive: false } }] } },
    [
      [
        'lifecycle_rule',
        null,
        [{ action: [{ type: 'Delete' }], condition: [{ age: 1, with_state: 'ARCHIVED' }] }],
      ],
    ],
  ],
  [{ rpo: 'DEFAULT' }, []],
]

test.each(settings)('of a bucket that is given %j, what differs is told', async (request, diffs) => {
  for (const method of ['storage.buckets.update', 'storage.buckets.patch']) {
    const { alerts } = await judge([bucket], bucketEntry(method, { request }))
    expect(alerts.map((alert) => alert.diffs)).toEqual(diffs.length > 0 ? [diffs] : [])
  }
})

test('nothing is compared that none of these drives', () => {
  const driven = settings.flatMap(([, diffs]) =>
    diffs.map(([attribute]) => attribute.replace(/^labels\..*/, 'labels')),
  )
  const compared = comparedBy('storage.googleapis.com', 'storage.buckets.patch')
  expect([...new Set(driven)].sort()).toEqual(compared.sort())
})

test('a bucket that is changed unseen, as most are, or in a way that is not mapped, is not compared', async () => {
  for (const log of [{}, { request: { ipFilter: { mode: 'Enabled' }, rpo: null } }]) {
    const { alerts } = await judge([bucket], bucketEntry('storage.buckets.update', log))
    expect(alerts).toMatchObject([{ type: 'attribute_drift', compared: false, diffs: [] }])
  }
})

test('a bucket comes and goes, without the grants that come with it', async () => {
  const owner = { action: 'ADD', role: 'roles/storage.legacyBucketOwner', member: `projectOwner:${PROJECT}` }
  const created = bucketEntry('storage.buckets.create', deltas(owner))
  expect((await judge([], created)).alerts).toMatchObject([
    { type: 'unmanaged_resource', resource: 'google_storage_bucket shop-receipts' },
  ])
  expect((await judge([bucket], created)).reasons).toEqual({ 'as-declared': 1 })
  const deleted = bucketEntry('storage.buckets.delete')
  expect((await judge([bucket, member], deleted)).alerts).toMatchObject([
    { type: 'resource_deleted', address: 'google_storage_bucket.receipts' },
  ])
})

test('how public access is closed again is told', async () => {
  const request = { iamConfiguration: { publicAccessPrevention: 'inherited' } }
  const { alerts } = await judge([bucket], bucketEntry('storage.buckets.patch', { request }))
  expect(alerts[0]?.revertCommand).toBe(
    'gcloud storage buckets update gs://shop-receipts --public-access-prevention',
  )
})
