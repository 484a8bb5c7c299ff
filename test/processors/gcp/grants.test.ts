import { expect, test } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { bucketEntry, deltas, PROJECT } from './an-entry.ts'
import { judge, managed } from './judge.ts'

const TOPIC = `projects/${PROJECT}/topics/orders`
const SERVICE = `projects/${PROJECT}/locations/europe-west1/services/shop`
const ROLE = 'roles/pubsub.publisher'
const clara = 'user:clara@example.com'
const dan = 'user:dan@example.com'

function policyOf(...grants: [string, string[], JsonObject?][]): JsonObject {
  return {
    bindings: grants.map(([role, members, condition]) => ({
      role,
      members,
      ...(condition && { condition }),
    })),
  }
}

/** As a service writes it that does not tell what has changed. */
function setPolicy(request: JsonObject, log: JsonObject = {}): JsonObject {
  return bucketEntry('google.iam.v1.IAMPolicy.SetIamPolicy', {
    serviceName: 'pubsub.googleapis.com',
    resourceName: TOPIC,
    request,
    ...log,
  })
}

const member = (who: string, more: JsonObject = {}, suffix = '') =>
  managed('google_pubsub_topic_iam_member', who.replaceAll(/\W/g, '_'), {
    topic: TOPIC,
    project: PROJECT,
    id: `${TOPIC}/${ROLE}/${who}${suffix}`,
    member: who,
    role: ROLE,
    ...more,
  })
const binding = (role: string, ...members: string[]) =>
  managed('google_pubsub_topic_iam_binding', role.replaceAll(/\W/g, '_'), {
    topic: TOPIC,
    project: PROJECT,
    id: `${TOPIC}/${role}`,
    members,
    role,
  })

async function told(states: JsonObject[], ...entries: JsonObject[]) {
  const { alerts } = await judge(states, ...entries)
  return alerts.map(({ type, resource, diffs }) => [type, resource, diffs])
}

test('R41 a policy without what changed in it takes away what states hold and it does not', async () => {
  expect(await told([member(clara), member(dan)], setPolicy({ policy: policyOf([ROLE, [clara]]) }))).toEqual([
    ['resource_deleted', `google_pubsub_topic_iam_member ${TOPIC}/${ROLE}/${dan}`, []],
  ])
})

test('what changed counts, where the log tells that, and not what else the policy lacks', async () => {
  const entry = setPolicy({ policy: {} }, deltas({ action: 'REMOVE', role: ROLE, member: dan }))
  expect(await told([member(clara), member(dan)], entry)).toEqual([
    ['resource_deleted', `google_pubsub_topic_iam_member ${TOPIC}/${ROLE}/${dan}`, []],
  ])
})

test('a policy that says of everybody what the states say is as declared, in whatever case', async () => {
  const entry = setPolicy({ policy: policyOf([ROLE, ['user:Clara@example.com', dan]]) })
  expect(await judge([binding(ROLE, clara, dan)], entry)).toMatchObject({
    alerts: [],
    reasons: { 'as-declared': 1 },
  })
})

test('of two bindings each is told what became of its members', async () => {
  const other = 'roles/pubsub.viewer'
  const entry = setPolicy({ policy: policyOf([ROLE, [dan]], [other, [clara, dan]]) })
  expect(await told([binding(ROLE, clara), binding(other, clara)], entry)).toEqual([
    ['attribute_drift', `google_pubsub_topic_iam_binding ${TOPIC}/${ROLE}`, [['members', [clara], [dan]]]],
    ['attribute_drift', `google_pubsub_topic_iam_binding ${TOPIC}/${other}`, [['members', null, [dan]]]],
  ])
})

test('a grant under a condition is another than that without', async () => {
  const condition = { title: 'nights', description: '', expression: 'false' }
  const held = member(clara, { condition: [condition] }, '/nights//false')
  const under = setPolicy({ policy: policyOf([ROLE, [clara], condition]) })
  expect(await told([held], under)).toEqual([])
  expect(await told([held], setPolicy({ policy: policyOf([ROLE, [clara]]) }))).toEqual([
    ['unmanaged_resource', `google_pubsub_topic_iam_member ${TOPIC}/${ROLE}/${clara}`, []],
    ['resource_deleted', `google_pubsub_topic_iam_member ${TOPIC}/${ROLE}/${clara}/nights//false`, []],
  ])
})

test('a policy of which only the audit is set takes nothing away', async () => {
  const entry = setPolicy({ policy: { auditConfigs: [] }, updateMask: 'auditConfigs' })
  expect(await told([member(clara)], entry)).toEqual([])
})

test('a grant on another topic is none on this one', async () => {
  expect(await told([member(clara)], setPolicy({ policy: {} }, { resourceName: `${TOPIC}-2` }))).toEqual([])
})

test('where two types declare such grants, the one that a state holds is told', async () => {
  const invoker = 'roles/run.invoker'
  const entry = bucketEntry('google.cloud.run.v1.Services.SetIamPolicy', {
    serviceName: 'run.googleapis.com',
    resourceName: SERVICE,
    request: { policy: policyOf([invoker, [clara, 'allUsers']]) },
  })
  const v1 = managed('google_cloud_run_service_iam_binding', 'invokers', {
    id: `v1/${SERVICE}/${invoker}`,
    members: [clara],
    role: invoker,
    project: PROJECT,
  })
  expect(await told([v1], entry)).toEqual([
    [
      'attribute_drift',
      `google_cloud_run_service_iam_binding v1/${SERVICE}/${invoker}`,
      [['members', null, ['allUsers']]],
    ],
  ])
})
