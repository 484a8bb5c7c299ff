import { expect, test } from 'vitest'
import { firewallEntry, PROJECT } from './an-entry.ts'
import { judge, managed } from './judge.ts'

const zonal = (name: string) => `projects/${PROJECT}/zones/europe-west1-b/instances/${name}`
const regional = `projects/${PROJECT}/regions/europe-west1/subnetworks/web`
const globalOne = `projects/${PROJECT}/global/networks/web`

test.each([
  ['instances', 'google_compute_instance', zonal('web'), { zone: 'europe-west1-b' }],
  ['subnetworks', 'google_compute_subnetwork', regional, { region: 'europe-west1' }],
  ['networks', 'google_compute_network', globalOne, {}],
])(
  'of %s, what no state holds is unmanaged when it comes, and what one holds is gone when it goes',
  async (kind, type, resourceName, place) => {
    const method = (verb: string) =>
      firewallEntry(`v1.compute.${kind}.${verb}`, { name: 'web' }, {}, { resourceName })
    const held = managed(type, 'web', { ...place, id: resourceName, name: 'web', project: PROJECT })
    const byName = managed(type, 'web', { ...place, id: 'web', name: 'web', project: PROJECT })
    expect((await judge([], method('insert'))).alerts).toMatchObject([
      { type: 'unmanaged_resource', resource: `${type} ${resourceName}` },
    ])
    expect((await judge([], method('delete'))).reasons).toEqual({ unmanaged: 1 })
    for (const state of [held, byName]) {
      expect((await judge([state], method('insert'))).reasons).toEqual({ 'as-declared': 1 })
      expect((await judge([state], method('delete'))).alerts).toMatchObject([
        { type: 'resource_deleted', address: `${type}.web` },
      ])
    }
  },
)

test('an instance from a template is one', async () => {
  const held = managed('google_compute_instance_from_template', 'web', { id: zonal('web') })
  const gone = firewallEntry('v1.compute.instances.delete', {}, {}, { resourceName: zonal('web') })
  expect((await judge([held], gone)).alerts).toMatchObject([
    { type: 'resource_deleted', address: 'google_compute_instance_from_template.web' },
  ])
})

test('what an instance group makes for itself is not reported', async () => {
  const authenticationInfo = { principalEmail: '123456@cloudservices.gserviceaccount.com' }
  const entry = firewallEntry(
    'v1.compute.instances.insert',
    {},
    {},
    { resourceName: zonal('web-x1z9'), authenticationInfo },
  )
  expect(await judge([], entry)).toEqual({ alerts: [], reasons: { 'service-created': 1 } })
})

test.each(['start', 'stop', 'reset', 'automaticRestart', 'hostError', 'migrateOnHostMaintenance'])(
  'compute.instances.%s changes nothing that Terraform declares',
  async (verb) => {
    const entry = firewallEntry(`v1.compute.instances.${verb}`, {}, {}, { resourceName: zonal('web') })
    const held = managed('google_compute_instance', 'web', { id: zonal('web') })
    expect(await judge([held], entry)).toEqual({ alerts: [], reasons: { 'no-effect': 1 } })
  },
)

test('R50 a call that nobody has mapped is counted as such', async () => {
  const entry = firewallEntry(
    'v1.compute.instances.setSecurityPolicy',
    {},
    {},
    { resourceName: zonal('web') },
  )
  expect((await judge([], entry)).reasons).toEqual({ unmapped: 1 })
})
