import { describe, expect, it } from 'vitest'
import type { CloudCall } from '../../../processors/finding.ts'
import { alerts, call, judge, mapped, row } from '../../support/detect.ts'
import { anActor } from '../a-finding.ts'

const instance = row('aws_instance', { id: 'i-1' })
const started = (...ids: string[]) => ({
  response: { instancesSet: ids.map((instanceId) => ({ instanceId })) },
})
const run = (ids: string[], more: Partial<CloudCall> = {}) =>
  call('ec2', 'RunInstances', {}, { ...started(...ids), ...more })
const terminate = (...ids: string[]) =>
  call('ec2', 'TerminateInstances', { instancesSet: ids.map((instanceId) => ({ instanceId })) })

describe('a call that creates', () => {
  it('makes an unmanaged resource of what no state holds', () => {
    expect(alerts(run(['i-9']), [instance])).toMatchObject([
      {
        type: 'unmanaged_resource',
        resourceKey: 'aws/123456789012/eu-west-1/aws_instance/i-9',
        compared: true,
        diffs: [],
        row: null,
        verdicts: [{ slot: 'resource', differs: true }],
        resource: { address: null, name: null, state: null, alsoManagedBy: [] },
      },
    ])
  })

  it('is as declared where a state holds the resource, and says so, so that an earlier alert ends', () => {
    expect(judge(run(['i-1']), [instance])).toMatchObject({
      reason: 'as-declared',
      findings: [{ finding: { diffs: [], verdicts: [{ slot: 'resource', differs: false }] } }],
    })
  })

  it('reports each resource that it names on its own', () => {
    const found = alerts(run(['i-1', 'i-8', 'i-9', 'i-9']), [instance])
    expect(found.map(({ resource }) => resource!.id)).toEqual(['i-8', 'i-9'])
    expect(new Set(found.map(({ id }) => id)).size).toBe(2)
  })

  it('is no matter of anybody where a service creates something for itself', () => {
    expect(judge(run(['i-9'], { actor: anActor({ tool: 'service' }) }), [])).toEqual({
      findings: [],
      reason: 'service-created',
    })
  })

  it('names nothing without an answer', () => {
    expect(judge(call('ec2', 'RunInstances', {}), [instance])).toBe('no-effect')
  })

  it('does not take the instance of another region for its own', () => {
    expect(alerts(run(['i-1'], { region: 'us-east-1' }), [instance])).toMatchObject([
      { type: 'unmanaged_resource', resource: { region: 'us-east-1' } },
    ])
  })
})

describe('a call that deletes', () => {
  it('makes a deleted resource of what a state holds', () => {
    expect(alerts(terminate('i-1'), [instance])).toMatchObject([
      {
        type: 'resource_deleted',
        diffs: [],
        verdicts: [{ slot: 'resource', differs: true }],
        resource: { address: 'aws_instance.this', state: { source: 'terraform.tfstate', serial: 1 } },
      },
    ])
  })

  it('ends what it deletes where no state holds it', () => {
    expect(judge(terminate('i-9'), [instance])).toMatchObject({
      reason: 'unmanaged',
      findings: [{ finding: { type: 'attribute_drift', verdicts: [{ slot: 'resource', differs: false }] } }],
    })
  })

  it('has the id of the creation that it ends', () => {
    const [created] = alerts(run(['i-9']), [])
    const ended = judge(terminate('i-9'), [])
    expect(ended).toMatchObject({ findings: [{ finding: { driftId: created!.driftId } }] })
  })

  it('R44 is expected of a deposed instance', () => {
    expect(judge(terminate('i-1'), [{ ...instance, deposedKey: '0001' }])).toMatchObject({
      reason: 'as-declared',
      findings: [{ finding: { row: null } }],
    })
  })

  it('R44 concerns the current instance, where a deposed one has the same id', () => {
    const deposed = { ...instance, key: 'a', deposedKey: '0001' }
    expect(alerts(terminate('i-1'), [deposed, instance])).toMatchObject([
      { type: 'resource_deleted', row: { deposedKey: null }, resource: { alsoManagedBy: [] } },
    ])
  })

  it('finds the resource as any of the types that it may be of', () => {
    const spot = row('aws_spot_instance_request', { id: 'sir-1', spot_instance_id: 'i-1' })
    expect(alerts(terminate('i-1'), [spot])).toMatchObject([
      { type: 'resource_deleted', resource: { type: 'aws_spot_instance_request', id: 'sir-1' } },
    ])
  })

  it('names the other states that hold the resource', () => {
    const twin = { ...instance, key: 'z|twin', source: 'b.tfstate', address: 'aws_instance.copy' }
    expect(alerts(terminate('i-1'), [twin, instance])).toMatchObject([
      { row: { key: instance.key }, resource: { alsoManagedBy: ['b.tfstate: aws_instance.copy'] } },
    ])
  })
})

describe('a call that takes a deletion back', () => {
  const service = mapped(`
types: { test_secret: { names: [name] } }
calls:
  Restore: [{ restore: test_secret, id: name }]`)
  const secret = row('test_secret', { id: 's-1', name: 'db' })
  const restore = (name: string) => call('test', 'Restore', { name })

  it('says that the resource is there, so that an earlier alert ends', () => {
    expect(judge(restore('db'), [secret], service)).toMatchObject({
      reason: 'as-declared',
      findings: [{ finding: { resource: { id: 's-1' }, verdicts: [{ slot: 'resource', differs: false }] } }],
    })
  })

  it('makes nothing unmanaged of what no state holds', () => {
    expect(judge(restore('other'), [secret], service)).toEqual({ findings: [], reason: 'unmanaged' })
  })
})

describe('a call that deletes some of what it names', () => {
  const log = row('aws_flow_log', { id: 'fl-1' })
  const remove = (...spared: string[]) =>
    call(
      'ec2',
      'DeleteFlowLogs',
      { flowLogId: ['fl-1'] },
      { response: { unsuccessful: spared.map((resourceId) => ({ resourceId })) } },
    )

  it('does not report what its answer says it did not delete', () => {
    expect(alerts(remove('fl-1'), [log])).toEqual([])
    expect(alerts(remove('fl-2'), [log])).toMatchObject([{ type: 'resource_deleted' }])
  })
})
