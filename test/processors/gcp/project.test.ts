import { expect, test } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { bucketEntry, deltas, PROJECT } from './an-entry.ts'
import { judge, managed } from './judge.ts'

const OWNER = 'roles/owner'
const eve = 'user:eve@example.com'
const clara = 'user:clara@example.com'

const places = [
  ['project', `projects/${PROJECT}`, PROJECT, { project: PROJECT }],
  ['folder', 'folders/88', 'folders/88', { folder: 'folders/88' }],
  ['organization', 'organizations/77', '77', { org_id: '77' }],
] as const

/** As Resource Manager writes it: the whole new policy, and beside it what has changed. */
function setPolicy(resourceName: string, delta: JsonObject): JsonObject {
  const request = { policy: { bindings: [], etag: 'BwWk8zJlg2o=' }, resource: resourceName }
  const log = { serviceName: 'cloudresourcemanager.googleapis.com', resourceName, request, ...delta }
  const logName = `${resourceName}/logs/cloudaudit.googleapis.com%2Factivity`
  return bucketEntry('SetIamPolicy', log, { logName, resource: { type: 'project', labels: {} } })
}

const added = (resourceName: string, role = OWNER) =>
  setPolicy(resourceName, deltas({ action: 'ADD', role, member: eve }))

test.each(places)(
  'who is given a role in a %s is told by what Terraform declares',
  async (kind, path, id, names) => {
    const type = `google_${kind}_iam`
    const own = managed(`${type}_member`, 'clara', {
      ...names,
      id: `${id}/${OWNER}/${clara}`,
      member: clara,
      role: OWNER,
    })
    const binding = managed(`${type}_binding`, 'owners', {
      ...names,
      id: `${id}/${OWNER}`,
      members: [clara],
      role: OWNER,
    })
    const policy_data = JSON.stringify({ bindings: [{ role: OWNER, members: [clara] }] })
    const policy = managed(`${type}_policy`, 'all', { ...names, id, policy_data })

    const unheld = {
      type: 'unmanaged_resource',
      address: null,
      resource: `${type}_member ${id}/${OWNER}/${eve}`,
    }
    expect((await judge([], added(path))).alerts).toMatchObject([unheld])
    expect((await judge([own], added(path))).alerts).toMatchObject([unheld])
    expect((await judge([binding, own], added(path))).alerts).toMatchObject([unheld])
    expect((await judge([binding], added(path))).alerts).toMatchObject([
      { address: `${type}_binding.owners`, diffs: [['members', null, [eve]]] },
    ])
    expect((await judge([policy], added(path))).alerts).toMatchObject([
      { address: `${type}_policy.all`, diffs: [['policy_data', null, [{ role: OWNER, members: [eve] }]]] },
    ])
    const taken = setPolicy(path, deltas({ action: 'REMOVE', role: OWNER, member: clara }))
    expect((await judge([own], taken)).alerts).toMatchObject([
      { type: 'resource_deleted', address: `${type}_member.clara` },
    ])
  },
)

test('the same role in another project is another grant', async () => {
  const role = `projects/${PROJECT}/roles/deployer`
  const binding = managed('google_project_iam_binding', 'deployers', {
    id: `${PROJECT}/${role}`,
    project: PROJECT,
    members: [clara],
    role,
  })
  expect((await judge([binding], added(`projects/${PROJECT}`, role))).alerts).toMatchObject([
    { address: 'google_project_iam_binding.deployers' },
  ])
  expect((await judge([binding], added('projects/other', role))).alerts).toMatchObject([
    { type: 'unmanaged_resource', address: null },
  ])
})

test('a policy that is set as it was has no effect, and what is audited may be that of no state', async () => {
  const path = `projects/${PROJECT}`
  expect((await judge([], setPolicy(path, {}))).reasons).toEqual({ 'no-effect': 1 })
  const policyDelta = {
    auditConfigDeltas: [{ action: 'REMOVE', service: 'allServices', logType: 'ADMIN_READ' }],
  }
  const audit = setPolicy(path, { serviceData: { policyDelta } })
  expect((await judge([], audit)).reasons).toEqual({ unmanaged: 1 })
})
