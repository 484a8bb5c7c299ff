import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCollector } from '../../../cli/detect/collect-findings.ts'
import type { StateRow } from '../../../processors/finding.ts'
import { createMatcher } from '../../../processors/match.ts'
import { createPipeline } from '../../../processors/pipeline.ts'
import { createStateIndex } from '../../../processors/state-index.ts'
import type { Alert, RawEvent } from '../../../schemas/types.ts'
import { context, mapped, mappings, row } from '../../support/detect.ts'
import { aRawEvent } from '../../support/raw-event.ts'

const trail = row('aws_cloudtrail', { id: 'main', name: 'main', enable_logging: true })
const instance = row('aws_instance', {
  id: 'i-1',
  instance_type: 't3.small',
  disable_api_termination: true,
  tags: { Env: 'live' },
})

function collect(events: readonly RawEvent[], rows: StateRow[] = [trail, instance], by = mappings) {
  const states = createStateIndex(by)
  for (const one of rows) states.add(one)
  const pipeline = createPipeline({
    context: { ...context, mappings: by },
    matcher: createMatcher([]),
    admits: () => true,
  })
  const collector = createCollector(pipeline, states)
  for (const event of events) collector.add(event)
  return { alerts: collector.alerts(new Date(0)), funnel: collector.funnel }
}

const apply = { userAgent: 'APN/1.0 HashiCorp/1.0 Terraform/1.9.8 terraform-provider-aws/5.80.0' }
const stop = (changes = {}) => aRawEvent(changes)
const start = (changes = {}) => aRawEvent({ name: 'StartLogging', ...changes })
const ec2 = (name: string, request: object, record: object = {}) =>
  aRawEvent({ service: 'ec2.amazonaws.com', name, request, record })
const instances = (...ids: string[]) => ({
  instancesSet: { items: ids.map((instanceId) => ({ instanceId })) },
})
const run = (id: string, record: object = {}) =>
  ec2('RunInstances', {}, { responseElements: instances(id), ...record })
const terminate = (id: string, record: object = {}) => ec2('TerminateInstances', instances(id), record)

const told = (alerts: readonly Alert[]) =>
  alerts.map(({ sourceEvent, status, resolvedBy }) => [sourceEvent.name, status, resolvedBy])

describe('the collector', () => {
  it('gives each alert the status that its drift has in the end', () => {
    expect(told(collect([stop()]).alerts)).toEqual([['StopLogging', 'open', null]])
    expect(told(collect([stop(), start()]).alerts)).toEqual([['StopLogging', 'resolved', 'event']])
    expect(told(collect([stop(), start(), stop()]).alerts)).toEqual([
      ['StopLogging', 'open', null],
      ['StopLogging', 'open', null],
    ])
  })

  it('R9 takes the time of the events for their order, not that in which they come', () => {
    const [first, second] = [stop(), start()]
    expect(told(collect([second, first]).alerts)).toEqual([['StopLogging', 'resolved', 'event']])
  })

  it('R12 judges an event by what the state says now, however old it is', () => {
    const time = Date.UTC(2019, 0, 1)
    expect(collect([start({ time })])).toMatchObject({
      alerts: [],
      funnel: { counts: new Map([['as-declared', 1]]) },
    })
    expect(told(collect([stop({ time })]).alerts)).toEqual([['StopLogging', 'open', null]])
  })

  it('sorts alerts by the time of their event, then by its id, then by resource', () => {
    const time = Date.UTC(2026, 2, 1)
    const events = [
      stop({ eventId: 'c', time: time + 1 }),
      stop({ eventId: 'b', time }),
      ec2('TerminateInstances', instances('i-1')),
      stop({ eventId: 'a', time }),
    ]
    const two = [instance, row('aws_instance', { id: 'i-0' }, { address: 'aws_instance.zero' }), trail]
    const both = ec2('TerminateInstances', instances('i-1', 'i-0'))
    const { alerts } = collect([...events, both], two)
    expect(alerts.map(({ sourceEvent, resource }) => `${sourceEvent.id} ${resource!.id}`)).toEqual([
      'a main',
      'b main',
      'c main',
      `${events[2]!.eventId} i-1`,
      `${both.eventId} i-0`,
      `${both.eventId} i-1`,
    ])
  })

  it('counts an event that comes twice, and alerts once', () => {
    const event = stop()
    const { alerts, funnel } = collect([event, event, { ...event, origin: 'another file' }])
    expect(alerts).toHaveLength(1)
    expect(funnel).toMatchObject({ read: 3, duplicates: 2, counts: new Map([['finding', 1]]) })
  })

  it('looks at the copy of another account too, and takes the one of the resource', () => {
    const event = stop()
    const copy = { ...event, account: '999999999999' }
    for (const events of [
      [event, copy],
      [copy, event],
    ]) {
      const { alerts, funnel } = collect(events)
      expect(alerts).toMatchObject([{ resource: { account: '123456789012', address: trail.address } }])
      expect(funnel).toMatchObject({ read: 2, duplicates: 0 })
    }
  })

  it("tells of two accounts' records of one call what that of the resource's account says", () => {
    const copy = (eventID: string, recipientAccountId: string, userIdentity: object) =>
      stop({
        eventId: 'shared',
        record: { sharedEventID: 'shared', eventID, recipientAccountId, userIdentity },
      })
    const own = copy('own', '123456789012', { type: 'AWSAccount', principalId: 'AIDA' })
    const callers = {
      ...copy('callers', '999999999999', { type: 'IAMUser', userName: 'bob' }),
      time: own.time,
    }
    for (const events of [
      [own, callers],
      [callers, own],
      [callers, own, callers, own],
    ]) {
      expect(collect(events).alerts).toMatchObject([{ sourceEvent: { id: 'own' }, actor: { name: 'AIDA' } }])
    }
  })

  it('counts every event by what became of it', () => {
    const { funnel } = collect([
      stop(),
      start(),
      stop({ failed: true }),
      stop({ readOnly: true }),
      stop({ request: { name: 'other' } }),
      stop({ name: 'PutNobodyHasMapped' }),
    ])
    expect(Object.fromEntries(funnel.counts)).toEqual({
      finding: 1,
      'as-declared': 1,
      failed: 1,
      'read-only': 1,
      unmanaged: 1,
      unmapped: 1,
    })
  })
})

describe("Terraform's own call", () => {
  it('is a finding where it has the last word and the state still differs', () => {
    const { alerts, funnel } = collect([stop({ record: apply })])
    expect(told(alerts)).toEqual([['StopLogging', 'open', null]])
    expect(funnel.terraform).toBe(0)
  })

  it('is none where a later one, of whomever, speaks of the same', () => {
    expect(collect([stop({ record: apply }), start({ record: apply })])).toMatchObject({
      alerts: [],
      funnel: { terraform: 1 },
    })
    const { alerts, funnel } = collect([stop({ record: apply }), stop()])
    expect(alerts).toMatchObject([{ actor: { tool: 'unknown' } }])
    expect(funnel.terraform).toBe(1)
  })

  it('is none where the later one leaves it the last word only on what does not differ', () => {
    const set = (instanceType: string, more: object, record: object = {}) =>
      ec2(
        'ModifyInstanceAttribute',
        { instanceId: 'i-1', instanceType: { value: instanceType }, ...more },
        record,
      )
    const mine = set('t3.large', { disableApiTermination: { value: true } }, apply)
    expect(collect([mine, set('t3.small', {})])).toMatchObject({ alerts: [], funnel: { terraform: 1 } })
  })

  it('is one all the same where the later one speaks of something else', () => {
    const mine = ec2(
      'ModifyInstanceAttribute',
      { instanceId: 'i-1', instanceType: { value: 't3.large' } },
      apply,
    )
    const other = ec2('ModifyInstanceAttribute', { instanceId: 'i-1', ebsOptimized: { value: true } })
    expect(collect([mine, other]).alerts).toHaveLength(2)
  })

  it('that creates what it deletes again is none, and what it only creates or deletes is one', () => {
    expect(collect([run('i-9', apply), terminate('i-9', apply)]).alerts).toEqual([])
    expect(collect([run('i-9', apply)]).alerts).toMatchObject([{ type: 'unmanaged_resource' }])
    expect(collect([terminate('i-1', apply)]).alerts).toMatchObject([{ type: 'resource_deleted' }])
  })

  it('that creates a child is none where the parent, held by nobody, goes later and the child with it', () => {
    const table = mapped(`
types: { aws_iam_role: { names: [name], global: true }, aws_iam_role_policy: { names: ["{role}:{name}"], global: true } }
calls:
  PutChild:
    - put: aws_iam_role_policy
      id: "{role}:{name}"
      inline: { type: aws_iam_role, id: role, attribute: inline_policy, element: name }
  CreateParent: [{ create: aws_iam_role, id: role }]
  DeleteParent: [{ delete: [aws_iam_role], id: role }]`)
    const make = (name: string, record: object, request: object = { role: 'r', name: 'c' }) =>
      aRawEvent({ service: 'test.amazonaws.com', name, request, record })
    const of = (rows: StateRow[], ...events: RawEvent[]) =>
      told(collect(events, rows, table.mappings).alerts).map(([name]) => name)
    const role = row('aws_iam_role', { id: 'r', name: 'r' })

    expect(of([], make('PutChild', apply), make('DeleteParent', apply))).toEqual([])
    expect(of([], make('PutChild', apply), make('DeleteParent', {}))).toEqual([])
    // Made anew, the parent has no child any more.
    expect(of([role], make('PutChild', apply), make('CreateParent', apply))).toEqual([])
    expect(of([], make('PutChild', {}), make('DeleteParent', apply))).toEqual(['PutChild'])
    const [late, early] = [make('DeleteParent', apply), make('PutChild', apply)]
    expect(of([], early, { ...late, time: early.time - 1 })).toEqual(['PutChild'])
    expect(of([], early, make('DeleteParent', apply, { role: 'other' }))).toEqual(['PutChild'])
    // At one instant the cause comes first, whatever the ids.
    for (const eventId of ['0', 'z']) {
      const atOnce = { time: early.time, eventId }
      expect(of([], early, { ...late, ...atOnce })).toEqual([])
      expect(of([role], early, { ...make('CreateParent', apply), ...atOnce })).toEqual(['PutChild'])
    }
    expect(of([role], make('PutChild', apply), make('DeleteParent', apply))).toEqual([
      'PutChild',
      'DeleteParent',
    ])
  })

  it('does not take the alert of a person away', () => {
    expect(told(collect([stop(), start({ record: apply })]).alerts)).toEqual([
      ['StopLogging', 'resolved', 'event'],
    ])
  })
})

it('the order in which events come changes nothing', () => {
  const time = (second: number) => Date.UTC(2026, 2, 1, 11, 0, second)
  const call = fc.oneof(
    fc.constantFrom('StopLogging', 'StartLogging').map((name) => ({ name })),
    fc.constantFrom('t3.small', 't3.large', 'm5.large').map((value) => ({
      service: 'ec2.amazonaws.com',
      name: 'ModifyInstanceAttribute',
      request: { instanceId: 'i-1', instanceType: { value } },
    })),
    fc.constantFrom('live', 'test').map((value) => ({
      service: 'ec2.amazonaws.com',
      name: 'CreateTags',
      request: {
        resourcesSet: { items: [{ resourceId: 'i-1' }] },
        tagSet: { items: [{ key: 'Env', value }] },
      },
    })),
    fc.constantFrom('i-1', 'i-9').map((id) => ({
      service: 'ec2.amazonaws.com',
      name: 'TerminateInstances',
      request: instances(id),
    })),
    fc.constant({
      service: 'ec2.amazonaws.com',
      name: 'RunInstances',
      record: { responseElements: instances('i-9') },
    }),
  )
  const events = fc
    .array(fc.record({ call, second: fc.nat(3), terraform: fc.boolean() }), { minLength: 2, maxLength: 8 })
    .map((list) =>
      list.map(({ call: { ...changes }, second, terraform }, n) => {
        const record = { ...('record' in changes && changes.record), ...(terraform && apply) }
        return aRawEvent({ ...changes, record, eventId: `event-${n}`, time: time(second) })
      }),
    )
  const orders = events.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  )
  fc.assert(
    fc.property(orders, ([list, shuffled]) => {
      const expected = collect(list)
      expect(collect(shuffled)).toEqual(expected)
      expect(collect([...shuffled, ...list]).alerts).toEqual(expected.alerts)
    }),
    { numRuns: 60 },
  )
})
