import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCollector } from '../../cli/detect/collect-findings.ts'
import { createCodecs } from '../../cli/service/codecs.ts'
import type { StateRow } from '../../processors/finding.ts'
import { sha256 } from '../../processors/hash.ts'
import { createMatcher } from '../../processors/match.ts'
import { createPipeline, type Pipeline } from '../../processors/pipeline.ts'
import { createStateIndex } from '../../processors/state-index.ts'
import { terraformsOwn } from '../../processors/terraforms-own.ts'
import { rawEventHeaders } from '../../schemas/headers.ts'
import type { Alert, AlertStatus, PendingChange, RawEvent } from '../../schemas/types.ts'
import type { OutRecord } from '../../streams/bus.ts'
import { createMetrics } from '../../streams/metrics.ts'
import { createSettling } from '../../streams/settle.ts'
import { createStage } from '../../streams/stage.ts'
import { context, mappings, row } from '../support/detect.ts'
import { memoryIds } from '../support/memory-ids.ts'
import { aRawEvent } from '../support/raw-event.ts'

const codecs = await createCodecs(memoryIds(), (name) => name)
const MINUTE = 60_000
const SETTLE = 15 * MINUTE
const LONGEST = 120 * MINUTE

const trail = (enabled: boolean) =>
  row('aws_cloudtrail', { id: 'main', name: 'main', enable_logging: enabled })
const instance = (type: string) =>
  row('aws_instance', { id: 'i-1', instance_type: type, ebs_optimized: false })
const rows = [trail(true), instance('t3.small')]

const userAgent = 'APN/1.0 HashiCorp/1.0 Terraform/1.9.8 terraform-provider-aws/5.80.0'
const role = 'arn:aws:iam::123456789012:role/terraform'
const by = {
  terraform: { userAgent },
  hand: { userAgent: 'aws-cli/2.15.30' },
  ci: {
    userAgent,
    userIdentity: {
      type: 'AssumedRole',
      arn: 'arn:aws:sts::123456789012:assumed-role/terraform/run-7',
      sessionContext: { sessionIssuer: { arn: role, userName: 'terraform' } },
    },
  },
}
const stop = (record: object = by.terraform) => aRawEvent({ record })
const start = (record: object = by.terraform) => aRawEvent({ name: 'StartLogging', record })
const ec2 = (name: string, request: object, record: object = by.terraform) =>
  aRawEvent({ service: 'ec2.amazonaws.com', name, request, record })
const instances = (...ids: string[]) => ({
  instancesSet: { items: ids.map((instanceId) => ({ instanceId })) },
})
const run = (id: string, record: object = by.terraform) =>
  ec2('RunInstances', {}, { responseElements: instances(id), ...record })
const terminate = (id: string, record: object = by.terraform) =>
  ec2('TerminateInstances', instances(id), record)
const resize = (value: string, record: object = by.terraform, more: object = {}) =>
  ec2('ModifyInstanceAttribute', { instanceId: 'i-1', instanceType: { value }, ...more }, record)

const pipelineOf = (principals?: string[]): Pipeline =>
  createPipeline({
    context,
    matcher: createMatcher([]),
    admits: () => true,
    isTerraforms: terraformsOwn(principals),
  })

/** A processor whose tables are maps and whose clock stands still until it is moved. */
function processor({ principals, pipeline = pipelineOf(principals) }: Setting = {}) {
  let now = Date.UTC(2026, 2, 1, 12)
  let state = indexOf(rows)
  let revision = 0
  let locked: ReadonlySet<string> = new Set()
  const tables = { statuses: new Map<string, AlertStatus>(), pending: new Map<string, PendingChange>() }
  const alerts: Alert[] = []
  const deadLetters: OutRecord[] = []
  let looks = 0
  const metrics = createMetrics()
  const parts = {
    pipeline,
    topic: (name: string) => name,
    codecs,
    findRows: async (keys: string[]) => {
      looks++
      return keys.map((key) => [...state.rows(key)])
    },
    findDependents: async (found: StateRow[]) => found.map((row) => state.blastRadius(row)),
    findStatus: async (ids: string[]) => ids.map((id) => tables.statuses.get(id) ?? null),
    info: true,
    metrics,
    now: () => new Date(now),
  }
  const stage = createStage({
    ...parts,
    findPending: async (keys) => keys.map((key) => tables.pending.get(key) ?? null),
    deadLetter: ({ key, value }) => ({ topic: 'dead-letters', key, value }),
  })
  const settling = () =>
    createSettling({
      ...parts,
      pendingOf: async (partition) =>
        [...tables.pending]
          .filter(([, value]) => value.partition === partition)
          .map(([key, value]) => ({ key, value })),
      stateRevision: () => revision,
      lockedStates: async () => locked,
      patience: { settleMs: SETTLE, longestApplyMs: LONGEST },
      deadLetter: ({ event }) => ({ topic: 'dead-letters', key: null, value: codecs.rawEvent.encode(event) }),
    })
  let settle = settling()

  function store(records: readonly OutRecord[]): void {
    for (const { topic, key, value } of records) {
      if (topic === 'alerts') alerts.push(codecs.alert.decodeSync(value!))
      if (topic === 'dead-letters') deadLetters.push({ topic, key, value })
      if (topic === 'alert-status') tables.statuses.set(String(key), codecs.alertStatus.decodeSync(value!))
      if (topic !== 'pending-changes') continue
      if (value) tables.pending.set(String(key), codecs.pendingChange.decodeSync(value))
      else tables.pending.delete(String(key))
    }
  }

  const self = {
    alerts,
    tables,
    deadLetters,
    metrics,
    looks: () => looks,
    told: () => alerts.map(({ sourceEvent, type, status }) => `${sourceEvent.name} ${type} ${status}`),
    async handles(...events: RawEvent[]) {
      const records = events.map((event, offset) => ({
        topic: 'raw-events',
        partition: 2,
        offset,
        timestamp: 0,
        key: Buffer.from('aws/123456789012/eu-west-1'),
        value: codecs.rawEvent.encode(event),
        headers: rawEventHeaders(event),
      }))
      store(await stage({ topic: 'raw-events', partition: 2, records, high: records.length }))
    },
    holds(...next: StateRow[]) {
      state = indexOf(next)
      revision++
    },
    locks(...sources: string[]) {
      locked = new Set(sources)
      revision++
    },
    passes(ms: number) {
      now += ms
    },
    /** Twice, as what comes of a state is looked at when it is quiet. `lists`: how much of it is stored. */
    async ticks({ partition = 2, lists = 2 } = {}) {
      for (let n = 0; n < 2; n++) for (const list of (await settle(partition)).slice(0, lists)) store(list)
    },
    restarts() {
      settle = settling()
    },
    async results(): Promise<Record<string, number>> {
      const text = await metrics.render()
      const counts = [...text.matchAll(/^tfdrift_settle_total\{result="(\w+)"\} ([1-9]\d*)$/gm)]
      return Object.fromEntries(counts.map(([, result, count]) => [result!, Number(count)]))
    },
  }
  return self
}

interface Setting {
  principals?: string[]
  pipeline?: Pipeline
}

function indexOf(list: readonly StateRow[]) {
  const states = createStateIndex(mappings)
  for (const one of list) states.add(one)
  return states
}

/** What detect says of these events and that state. */
function detected(events: readonly RawEvent[], list: readonly StateRow[]): Alert[] {
  const collector = createCollector(pipelineOf(), indexOf(list))
  for (const event of events) collector.add(event)
  return collector.alerts(new Date(0))
}

describe("a call of Terraform's own that differs from the state", () => {
  it('is no alert while it waits, and none when the state says the same', async () => {
    const it = processor()
    await it.handles(stop())
    await it.ticks()
    expect(it.told()).toEqual([])
    expect(it.tables.pending.size).toBe(1)
    expect(it.tables.statuses.size).toBe(0)
    it.holds(trail(false), instance('t3.small'))
    await it.ticks()
    expect(it.tables.pending.size).toBe(0)
    expect(await it.results()).toEqual({ settled: 1 })
    it.passes(SETTLE)
    await it.ticks()
    expect(it.told()).toEqual([])
    expect([...it.tables.statuses.values()]).toMatchObject([{ status: 'resolved', alerts: [] }])
  })

  it('is an alert like any other when its time is over and the state still differs', async () => {
    const it = processor()
    const event = stop()
    await it.handles(event)
    it.passes(SETTLE - 1)
    await it.ticks()
    expect(it.told()).toEqual([])
    it.passes(1)
    await it.ticks()
    const [expected] = detected([event], rows)
    expect(it.alerts).toEqual([{ ...expected!, detectedAt: '2026-03-01T12:15:00.000Z' }])
    expect(expected!.actor.tool).toBe('terraform')
    expect(it.tables.pending.size).toBe(0)
    expect(await it.results()).toEqual({ expired: 1 })
    expect([...it.tables.statuses.values()]).toMatchObject([
      { status: 'open', alerts: [{ id: expected!.id, status: 'open' }] },
    ])
  })

  it('R33 goes on waiting where a newer state does not say it yet: Terraform writes the state as it goes', async () => {
    const it = processor()
    await it.handles(stop(), resize('t3.large'))
    it.holds(trail(true), instance('t3.large'))
    await it.ticks()
    expect(await it.results()).toEqual({ settled: 1 })
    it.holds(trail(false), instance('t3.large'))
    await it.ticks()
    expect(await it.results()).toEqual({ settled: 2 })
    expect(it.told()).toEqual([])
  })

  it('R33 waits on while the apply goes on: its calls follow each other, or it holds the lock', async () => {
    const it = processor()
    await it.handles(stop())
    it.passes(SETTLE - MINUTE)
    await it.handles(resize('t3.large'))
    it.passes(SETTLE - MINUTE)
    await it.ticks()
    expect(it.told()).toEqual([])
    it.locks('terraform.tfstate')
    it.passes(LONGEST - 2 * SETTLE)
    await it.ticks()
    expect(it.told()).toEqual([])
    it.holds(trail(false), instance('t3.large'))
    it.locks()
    await it.ticks()
    expect(it.told()).toEqual([])
    expect(await it.results()).toEqual({ settled: 2 })
  })

  it('waits for no lock of another state, and for none longer than the longest apply', async () => {
    const it = processor()
    it.locks('another.tfstate')
    await it.handles(stop())
    it.passes(SETTLE)
    await it.ticks()
    expect(it.told()).toEqual(['StopLogging attribute_drift open'])
    it.locks('terraform.tfstate')
    await it.handles(resize('t3.large'))
    it.passes(LONGEST - 1)
    await it.ticks()
    expect(it.told()).toHaveLength(1)
    it.passes(1)
    await it.ticks()
    expect(it.told()).toHaveLength(2)
  })

  it('that creates waits for whatever lock: no state holds it yet', async () => {
    const it = processor()
    it.locks('another.tfstate')
    await it.handles(run('i-9'))
    it.passes(LONGEST - 1)
    await it.ticks()
    expect(it.told()).toEqual([])
  })

  it('is an alert once the state that caught up is not what it set', async () => {
    const it = processor()
    await it.handles(resize('m5.large'))
    it.holds(trail(true), instance('t3.large'))
    it.passes(SETTLE)
    await it.ticks()
    expect(it.alerts).toMatchObject([{ diffs: [{ oldValue: '"t3.large"', newValue: '"m5.large"' }] }])
  })

  it('that creates or deletes waits for the resource to come or go', async () => {
    const applied = processor()
    await applied.handles(run('i-9'), terminate('i-1'))
    applied.holds(trail(true), row('aws_instance', { id: 'i-9' }))
    await applied.ticks()
    applied.passes(SETTLE)
    await applied.ticks()
    expect(applied.told()).toEqual([])
    expect(await applied.results()).toEqual({ settled: 2 })

    const lost = processor()
    await lost.handles(run('i-9'), terminate('i-1'))
    lost.passes(SETTLE)
    await lost.ticks()
    expect(lost.told()).toEqual([
      'RunInstances unmanaged_resource open',
      'TerminateInstances resource_deleted open',
    ])
  })

  it('gives way to a later call that takes its last word, of whomever', async () => {
    for (const later of [stop(by.hand), start(), start(by.hand)]) {
      const it = processor()
      const first = stop()
      await it.handles(first, { ...later, time: first.time + 1 })
      it.passes(SETTLE)
      await it.ticks()
      expect(it.alerts.map(({ actor }) => actor.tool)).toEqual(later.name === 'StopLogging' ? ['cli'] : [])
      expect(await it.results()).toEqual({ replaced: 1 })
    }
  })

  it('gives way to a later one that waits itself, and only as far as that goes', async () => {
    const it = processor()
    const first = resize('t3.large', by.terraform, { ebsOptimized: { value: true } })
    const second = resize('m5.large')
    const third = ec2('ModifyInstanceAttribute', { instanceId: 'i-1', ebsOptimized: { value: false } })
    await it.handles(first, second)
    it.passes(SETTLE - MINUTE)
    await it.handles(third)
    it.passes(MINUTE)
    await it.ticks()
    expect(it.alerts.map(({ sourceEvent }) => sourceEvent.id)).toEqual([second.eventId])
    expect(await it.results()).toEqual({ replaced: 1, expired: 1 })
    expect([...it.tables.statuses.values()]).toMatchObject([{ alerts: [{ id: it.alerts[0]!.id }] }])
  })

  it('that was overtaken leaves the drift to those that have overtaken it', async () => {
    const it = processor()
    const first = resize('t3.large')
    const second = { ...resize('m5.large'), time: first.time + 1 }
    await it.handles(first)
    it.passes(SETTLE - MINUTE)
    await it.handles(second)
    it.passes(MINUTE)
    await it.ticks()
    expect(await it.results()).toEqual({ replaced: 1 })
    expect([...it.tables.statuses.values()].map(({ status }) => status)).toEqual([])
    it.holds(trail(true), instance('m5.large'))
    await it.ticks()
    expect(it.told()).toEqual([])
    expect([...it.tables.statuses.values()]).toMatchObject([{ status: 'resolved', alerts: [] }])
  })

  it('gives way to the deletion of what it is a child of', async () => {
    const policy = {
      roleName: 'r',
      policyName: 'p',
      policyDocument: '{"Version":"2012-10-17","Statement":[]}',
    }
    const put = aRawEvent({
      service: 'iam.amazonaws.com',
      region: 'global',
      name: 'PutRolePolicy',
      request: policy,
      record: by.terraform,
    })
    const it = processor()
    await it.handles(put)
    expect(it.tables.pending.size).toBe(1)
    const driftId = sha256('aws/123456789012/global/aws_iam_role/r')
    const verdict = {
      slot: 'resource',
      time: new Date(put.time + 1).toISOString(),
      eventId: 'e',
      differs: false,
    }
    it.tables.statuses.set(driftId, {
      driftId,
      resourceKey: 'aws/123456789012/global/aws_iam_role/r',
      address: null,
      status: 'resolved',
      since: verdict.time,
      verdicts: [verdict],
      alerts: [],
      history: [],
      change: null,
      toldAt: null,
      eventKey: null,
      causes: [],
      commands: [],
    })
    it.passes(SETTLE)
    await it.ticks()
    expect(it.told()).toEqual([])
    expect(await it.results()).toEqual({ replaced: 1 })
  })

  it('says at once what is as the state has it', async () => {
    const it = processor()
    await it.handles(stop(by.hand), start())
    expect(it.told()).toEqual(['StopLogging attribute_drift open', 'StopLogging attribute_drift resolved'])
    expect([...it.tables.statuses.values()]).toMatchObject([{ status: 'resolved' }])
    expect(it.tables.pending.size).toBe(0)
  })

  it('is a change to its drift where that is open when its time is over', async () => {
    const it = processor()
    await it.handles(resize('m5.large', by.hand))
    await it.handles(ec2('ModifyInstanceAttribute', { instanceId: 'i-1', ebsOptimized: { value: true } }))
    it.passes(SETTLE)
    await it.ticks()
    expect(it.told().map((text) => text.split(' ').at(-1))).toEqual(['open', 'changed'])
  })

  it('is counted as waiting, then by what became of it', async () => {
    const it = processor()
    await it.handles(stop(), stop(by.hand))
    const text = await it.metrics.render()
    expect(text).toContain('tfdrift_events_total{outcome="waiting"} 1\n')
    expect(text).toContain('tfdrift_events_total{outcome="finding"} 1\n')
    expect(text).toContain('tfdrift_settle_total{result="expired"} 0\n')
  })
})

describe('terraform.principals', () => {
  const setting = { principals: [role, 'arn:aws:iam::123456789012:user/deployer'] }

  it('leave nothing to a user agent alone: the alert comes at once', async () => {
    const it = processor(setting)
    await it.handles(stop())
    expect(it.told()).toEqual(['StopLogging attribute_drift open'])
    expect(it.alerts[0]!.actor.tool).toBe('terraform')
    expect(it.tables.pending.size).toBe(0)
  })

  it('let the calls of those named wait', async () => {
    const it = processor(setting)
    await it.handles(stop(by.ci))
    expect(it.told()).toEqual([])
    expect(it.tables.pending.size).toBe(1)
    it.passes(SETTLE)
    await it.ticks()
    expect(it.told()).toEqual(['StopLogging attribute_drift open'])
  })

  it('do not cover what the same principal does with another tool', async () => {
    const it = processor(setting)
    await it.handles(stop({ ...by.ci, ...by.hand }))
    expect(it.told()).toEqual(['StopLogging attribute_drift open'])
  })
})

describe('recovery', () => {
  it('the wait goes on after a restart, from when it began', async () => {
    const it = processor()
    await it.handles(stop())
    it.passes(SETTLE - 1)
    it.restarts()
    await it.ticks()
    expect(it.told()).toEqual([])
    it.passes(1)
    await it.ticks()
    expect(it.told()).toEqual(['StopLogging attribute_drift open'])
  })

  it('a call that comes again while it waits, waits no longer', async () => {
    const it = processor()
    const event = stop()
    await it.handles(event)
    it.passes(SETTLE - 1)
    await it.handles(event, event)
    it.passes(1)
    await it.ticks()
    expect(it.told()).toEqual(['StopLogging attribute_drift open'])
    expect(it.tables.pending.size).toBe(0)
  })

  it('a crash before a call is taken from the table repeats its alert, id and status as before', async () => {
    const it = processor()
    await it.handles(resize('m5.large', by.hand), stop(), run('i-9'))
    it.passes(SETTLE)
    await it.ticks({ lists: 1 })
    expect(it.tables.pending.size).toBe(2)
    const first = it.alerts.splice(0)
    it.restarts()
    await it.ticks()
    expect(it.tables.pending.size).toBe(0)
    const ids = (list: readonly Alert[]) => list.map(({ id, status }) => `${id} ${status}`).sort()
    expect(ids(it.alerts)).toEqual(ids(first.filter(({ actor }) => actor.tool === 'terraform')))
    expect(it.alerts).toHaveLength(2)
  })

  it('a replay gives the same alerts, when their time is over again', async () => {
    const it = processor()
    const events = [resize('m5.large', by.hand), stop(), run('i-9'), start(by.hand), stop()]
    await it.handles(...events)
    it.passes(SETTLE)
    await it.ticks()
    const first = it.alerts.splice(0)
    await it.handles(...events)
    it.passes(SETTLE)
    await it.ticks()
    const known = (list: readonly Alert[]) => list.map(({ detectedAt: _, ...alert }) => alert)
    expect(known(it.alerts)).toEqual(known(first))
  })

  it('the calls of another partition are left to its owner', async () => {
    const it = processor()
    await it.handles(stop())
    it.passes(SETTLE)
    await it.ticks({ partition: 1 })
    expect(it.told()).toEqual([])
    expect(it.tables.pending.size).toBe(1)
  })

  it('a call that cannot be judged any more is a dead letter, and the others go on', async () => {
    const known = pipelineOf()
    const bad = stop()
    let broken = false
    const it = processor({
      pipeline: {
        ...known,
        plan(raw) {
          if (broken && raw.eventId === bad.eventId) throw new RangeError('too deep')
          return known.plan(raw)
        },
      },
    })
    await it.handles(bad, run('i-9'))
    broken = true
    it.passes(SETTLE)
    await it.ticks()
    expect(it.deadLetters.map(({ value }) => codecs.rawEvent.decodeSync(value!))).toEqual([bad])
    expect(it.told()).toEqual(['RunInstances unmanaged_resource open'])
    expect(it.tables.pending.size).toBe(0)
  })
})

it('nothing is looked at while neither the state nor the time says anything new', async () => {
  const it = processor()
  await it.handles(stop())
  await it.ticks()
  const before = it.looks()
  it.passes(SETTLE - 1)
  await it.ticks()
  await it.ticks()
  expect(it.looks()).toBe(before)
})

it('in the end the alerts are those of detect, in whatever order calls come within the window', async () => {
  const call = fc.oneof(
    fc.constantFrom('t3.small', 't3.large', 'm5.large').map((value) => () => resize(value)),
    fc
      .boolean()
      .map((value) => () => ec2('ModifyInstanceAttribute', { instanceId: 'i-1', ebsOptimized: { value } })),
    fc.constantFrom(stop, start).map((make) => () => make()),
    fc.constantFrom('i-1', 'i-9').map((id) => () => terminate(id)),
    fc.constant(() => run('i-9')),
  )
  const steps = fc.array(fc.record({ call, second: fc.nat(4), byHand: fc.boolean(), minutes: fc.nat(1) }), {
    minLength: 1,
    maxLength: 8,
  })
  const last = fc.record({
    type: fc.constantFrom('t3.small', 't3.large'),
    on: fc.boolean(),
    more: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(steps, last, async (list, { type, on, more }) => {
      const state = [trail(on), instance(type), ...(more ? [row('aws_instance', { id: 'i-9' })] : [])]
      const events = list.map(({ call: make, second, byHand }, n): RawEvent => {
        const event = make()
        const payload = byHand ? event.payload.replace(userAgent, 'aws-cli/2.15.30') : event.payload
        return { ...event, payload, eventId: `e-${n}`, time: Date.UTC(2026, 2, 1, 11, 0, second) }
      })
      const it = processor()
      it.holds(...state)
      for (const [n, event] of events.entries()) {
        await it.handles(event)
        it.passes(list[n]!.minutes * MINUTE)
        await it.ticks()
      }
      it.passes(SETTLE)
      await it.ticks()
      const known = (alerts: readonly Alert[]) =>
        alerts
          .map(({ id, type: kind, diffs, actor, sourceEvent }) => ({ id, kind, diffs, actor, sourceEvent }))
          .sort((a, b) => (a.id < b.id ? -1 : 1))
      const announced = it.alerts.filter(({ status }) => status !== 'resolved')
      expect(known(announced)).toEqual(known(detected(events, state)))
      expect(it.tables.pending.size).toBe(0)
      const open = detected(events, state)
      for (const { driftId, status } of open) {
        expect(it.tables.statuses.get(driftId)!.status).toBe(status)
        const last = it.alerts.findLast((alert) => alert.driftId === driftId)!.status
        expect(last === 'changed' ? 'open' : last).toBe(status)
      }
    }),
    { numRuns: 40 },
  )
})
