import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { createCodecs } from '../../cli/service/codecs.ts'
import { readEvents } from '../../connectors/sources/read-events.ts'
import { type Action, type Command, commandEvent } from '../../processors/commands.ts'
import type { StateRow } from '../../processors/finding.ts'
import { createMatcher } from '../../processors/match.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import { createStateIndex } from '../../processors/state-index.ts'
import { rawEventHeaders } from '../../schemas/headers.ts'
import { rawEventKey } from '../../schemas/raw-event-key.ts'
import type { Alert, AlertStatus, RawEvent } from '../../schemas/types.ts'
import type { OutRecord } from '../../streams/bus.ts'
import { createLife } from '../../streams/life.ts'
import { createMetrics } from '../../streams/metrics.ts'
import { createStage } from '../../streams/stage.ts'
import { shellInContainer } from '../connectors/sources/formats/falco-findings.ts'
import { context, mappings, row } from '../support/detect.ts'
import { memoryIds } from '../support/memory-ids.ts'
import { aRawEvent } from '../support/raw-event.ts'

const alone = { directDependents: 0, totalDependents: 0, addresses: [] }
const codecs = await createCodecs(memoryIds(), (name) => name)
const pipeline = createPipeline({ context, matcher: createMatcher([]), admits: () => true })
const HOUR = 3_600_000
const START = Date.UTC(2026, 2, 1, 12)
const KEY = 'aws/123456789012/eu-west-1'

const trail = (enabled: boolean, serial = 1) => ({
  ...row('aws_cloudtrail', { id: 'main', name: 'main', enable_logging: enabled }),
  serial,
})
const instance = (attributes: object = {}) =>
  row('aws_instance', { id: 'i-1', instance_type: 't3.small', disable_api_termination: true, ...attributes })

/** Stage and life over statuses and a state in memory. */
function processor({ rows = [trail(true), instance()], expireAfter = null as number | null } = {}) {
  let state = indexOf(rows)
  let revision = 0
  let now = START
  const statuses = new Map<string, AlertStatus>()
  const reads = { rows: 0, drifts: 0 }
  const parts = {
    pipeline,
    topic: (name: string) => name,
    codecs,
    findRows: async (keys: string[]) => {
      if (keys.length > 0) reads.rows++
      return keys.map((key) => [...state.rows(key)])
    },
    findDependents: async (rows: StateRow[]) => rows.map(() => alone),
    info: true,
    metrics: createMetrics(),
    now: () => new Date(now),
  }
  const stage = createStage({
    ...parts,
    findStatus: async (ids) => ids.map((id) => statuses.get(id) ?? null),
    findPending: async (keys) => keys.map(() => null),
    deadLetter: (_, error) => {
      throw error
    },
  })
  const living = () =>
    createLife({
      ...parts,
      buckets: 64,
      async openDrifts(_, from, to) {
        reads.drifts++
        const bucket = ({ driftId }: AlertStatus) => Number.parseInt(driftId.slice(0, 4), 16) % 64
        return [...statuses.values()].filter(
          (one) => one.status !== 'resolved' && bucket(one) >= from && bucket(one) < to,
        )
      },
      suppressedDrifts: async () => [...statuses.values()].filter(({ status }) => status === 'suppressed'),
      stateRevision: () => revision,
      expireAfterMs: expireAfter,
    })
  let live = living()

  function store(records: readonly OutRecord[]): string[] {
    const told: string[] = []
    for (const { topic, key, value } of records) {
      if (topic === 'alert-status') statuses.set(String(key), codecs.alertStatus.decodeSync(value!))
      if (topic !== 'alerts') continue
      const alert = codecs.alert.decodeSync(value!)
      told.push(`${alert.sourceEvent.name} ${alert.status}`)
      self.alerts.push(alert)
    }
    return told
  }

  const self = {
    alerts: [] as Alert[],
    statuses,
    reads,
    /** What these events, in one batch, make known. */
    async handles(...events: RawEvent[]): Promise<string[]> {
      const records = events.map((event, offset) => ({
        topic: 'raw-events',
        partition: 0,
        offset,
        timestamp: 0,
        key: Buffer.from(rawEventKey(event)),
        value: codecs.rawEvent.encode(event),
        headers: rawEventHeaders(event),
      }))
      return store(await stage({ topic: 'raw-events', partition: 0, records, high: records.length }))
    },
    holds(...next: StateRow[]) {
      state = indexOf(next)
      revision++
    },
    passes(ms: number) {
      now += ms
    },
    /** Until a changed state is quiet, and all drifts have been looked at. */
    async ticks(times = 3): Promise<string[]> {
      const told: string[] = []
      for (let n = 0; n < times; n++) for (const list of await live(0)) told.push(...store(list))
      return told
    },
    restarts() {
      live = living()
    },
    /** The status of the only drift. */
    drift(): AlertStatus {
      expect(statuses.size).toBe(1)
      return [...statuses.values()][0]!
    },
    command(action: Action, said: Partial<Command> = {}): RawEvent {
      const { driftId, eventKey } = [...statuses.values()].at(-1)!
      expect(eventKey).toBe(KEY)
      const words = { by: 'carol', reason: null, until: null, time: now, ...said }
      return commandEvent({ id: `c-${commands++}`, driftId, action, ...words }, KEY)
    },
  }
  return self
}

function indexOf(list: readonly StateRow[]) {
  const states = createStateIndex(mappings)
  for (const one of list) states.add(one)
  return states
}

let commands = 0
let seconds = 0
beforeEach(() => {
  commands = 0
  seconds = 0
})

const by = (person: string) => ({ userIdentity: { type: 'IAMUser', userName: person } })
/** One second after the other, from before the processor's clock. */
const at = () => START - HOUR + seconds++ * 1000
const stop = (more: object = {}) => aRawEvent({ eventId: `e-${seconds}`, time: at(), ...more })
const start = (more: object = {}) => stop({ name: 'StartLogging', ...more })
const ec2 = (name: string, request: object, more: object = {}) =>
  stop({ service: 'ec2.amazonaws.com', name, request, ...more })
const resize = (value: string) =>
  ec2('ModifyInstanceAttribute', { instanceId: 'i-1', instanceType: { value } })
const protect = (value: boolean) =>
  ec2('ModifyInstanceAttribute', { instanceId: 'i-1', disableApiTermination: { value } })

describe('what is set back in the cloud', () => {
  it('is resolved, each of its alerts under its id, with both actors', async () => {
    const it = processor()
    expect(await it.handles(resize('m5.large'))).toEqual(['ModifyInstanceAttribute open'])
    expect(await it.handles(protect(false))).toEqual(['ModifyInstanceAttribute changed'])
    expect(await it.handles(resize('t3.small'))).toEqual([])
    const back = ec2(
      'ModifyInstanceAttribute',
      { instanceId: 'i-1', disableApiTermination: { value: true } },
      { record: by('bob') },
    )
    expect(await it.handles(back)).toEqual([
      'ModifyInstanceAttribute resolved',
      'ModifyInstanceAttribute resolved',
    ])
    const [first, second, ...closed] = it.alerts
    const statusChange = {
      by: 'event',
      actor: 'bob',
      at: '2026-03-01T11:00:03Z',
      reason: 'ModifyInstanceAttribute',
      until: null,
    }
    const resolution = { status: 'resolved', resolvedBy: 'event', statusChange }
    expect(closed).toEqual([
      { ...first, ...resolution },
      { ...second, ...resolution },
    ])
    expect(closed[0]!.actor.name).toBe('alice')
  })

  it('is resolved once, however often it is set back', async () => {
    const it = processor()
    await it.handles(stop())
    expect(await it.handles(start(), start())).toEqual(['StopLogging resolved'])
    expect(await it.handles(start())).toEqual([])
  })

  it('opens anew, under another id, when it differs again', async () => {
    const it = processor()
    expect(await it.handles(stop(), start(), stop())).toEqual([
      'StopLogging open',
      'StopLogging resolved',
      'StopLogging open',
    ])
    expect(new Set(it.alerts.map(({ id }) => id)).size).toBe(2)
    expect(it.drift()).toMatchObject({ status: 'open', change: null })
  })

  it('is told as open and as resolved where the change comes after what sets it back', async () => {
    const it = processor()
    const late = stop()
    await it.handles(start({ record: by('bob') }))
    expect(await it.handles(late)).toEqual(['StopLogging open', 'StopLogging resolved'])
    expect(it.alerts.at(-1)).toMatchObject({ resolvedBy: 'event', statusChange: { actor: 'bob' } })
  })

  it('says of a replayed alert what it was and what it is, and nothing new', async () => {
    const it = processor()
    const events = [stop(), start(), stop()]
    await it.handles(...events)
    const before = [...it.alerts]
    const drift = it.drift()
    it.passes(HOUR)
    await it.handles(...events)
    const again = it.alerts.slice(before.length)
    const shown = ({ detectedAt: _, ...alert }: Alert) => alert
    expect(again.map(shown)).toEqual(before.map(shown))
    expect({ ...it.drift(), alerts: [] }).toEqual({ ...drift, alerts: [] })
  })

  it('has its alerts stored before the status says that they are, and at once where none is repeated', async () => {
    const record = async (...events: RawEvent[]) => {
      const stage = createStage({
        pipeline,
        topic: (name) => name,
        codecs,
        info: true,
        findRows: async (keys) => keys.map((key) => [...indexOf([trail(true)]).rows(key)]),
        findDependents: async (rows) => rows.map(() => alone),
        findStatus: async (ids) => ids.map(() => null),
        findPending: async (keys) => keys.map(() => null),
        deadLetter: (_, error) => {
          throw error
        },
        metrics: createMetrics(),
        now: () => new Date(START),
      })
      const records = events.map((event, offset) => ({
        topic: 'raw-events',
        partition: 0,
        offset,
        timestamp: 0,
        key: null,
        value: codecs.rawEvent.encode(event),
        headers: {},
      }))
      const out = await stage({ topic: 'raw-events', partition: 0, records, high: 2 })
      return out.map(({ topic, last }) => [topic, last === true])
    }
    const plain = ['diffs', 'matches', 'alerts'].map((topic) => [topic, false])
    expect(await record(stop())).toEqual([...plain, ['alert-status', false]])
    expect(await record(stop(), start())).toEqual([...plain, ['alerts', false], ['alert-status', true]])
  })
})

describe('what the state adopts', () => {
  it('is resolved when the state has changed and is quiet, and says which state it was', async () => {
    const it = processor()
    await it.handles(stop())
    await it.ticks()
    it.holds(trail(false, 43), instance())
    expect(await it.ticks(1)).toEqual([])
    expect(await it.ticks(1)).toEqual(['StopLogging resolved'])
    expect(it.alerts.at(-1)).toMatchObject({
      resolvedBy: 'state',
      statusChange: { by: 'state', actor: null, reason: 'terraform.tfstate, serial 43' },
      actor: { name: 'alice' },
    })
    expect(it.drift()).toMatchObject({ status: 'resolved', causes: [] })
    expect(await it.ticks()).toEqual([])
  })

  it('stays open while the state differs elsewhere', async () => {
    const it = processor()
    await it.handles(resize('m5.large'), protect(false))
    await it.ticks()
    it.holds(trail(true), instance({ instance_type: 'm5.large' }))
    expect(await it.ticks()).toEqual([])
    const differing = it.drift().verdicts.filter(({ differs }) => differs)
    expect(differing.map(({ slot }) => slot)).toEqual(['disable_api_termination'])
    it.holds(trail(true), instance({ instance_type: 'm5.large', disable_api_termination: false }))
    expect(await it.ticks()).toEqual(['ModifyInstanceAttribute resolved', 'ModifyInstanceAttribute resolved'])
  })

  it('is found after a restart, too', async () => {
    const it = processor()
    await it.handles(stop())
    it.holds(trail(false))
    it.restarts()
    expect(await it.ticks()).toEqual(['StopLogging resolved'])
  })

  it.each([
    [
      'a set of tags',
      () =>
        ec2('CreateTags', {
          resourcesSet: { items: [{ resourceId: 'i-1' }] },
          tagSet: { items: [{ key: 'Team', value: 'blue' }] },
        }),
      [instance({ tags: { Team: 'blue' } })],
    ],
    [
      'a resource that nobody held',
      () =>
        ec2(
          'RunInstances',
          {},
          { record: { responseElements: { instancesSet: { items: [{ instanceId: 'i-9' }] } } } },
        ),
      [instance(), row('aws_instance', { id: 'i-9' })],
    ],
    [
      'a deletion',
      () => ec2('TerminateInstances', { instancesSet: { items: [{ instanceId: 'i-1' }] } }),
      [trail(true)],
    ],
    ['a change of what no state holds any more', () => resize('m5.large'), [trail(true)]],
  ])('may be %s', async (_, event, rows) => {
    const it = processor()
    expect(await it.handles(event())).toHaveLength(1)
    await it.ticks()
    it.holds(trail(true), instance({ monitoring: true }))
    expect(await it.ticks()).toEqual([])
    it.holds(...rows)
    expect(await it.ticks()).toHaveLength(1)
    expect(it.alerts.at(-1)).toMatchObject({ status: 'resolved', resolvedBy: 'state' })
  })

  it('is never what is not compared, while the resource is held', async () => {
    const it = processor()
    await it.handles(ec2('ModifyInstanceAttribute', { instanceId: 'i-1', somethingNew: { value: 'x' } }))
    expect(it.alerts).toMatchObject([{ compared: false }])
    it.holds(instance({ instance_type: 'x' }))
    expect(await it.ticks()).toEqual([])
    it.holds(trail(true))
    expect(await it.ticks()).toEqual(['ModifyInstanceAttribute resolved'])
  })

  it('does not open again by a replay of the event', async () => {
    const it = processor()
    const event = stop()
    await it.handles(event)
    it.holds(trail(false))
    await it.ticks()
    expect(await it.handles(event)).toEqual([])
    expect(it.drift().status).toBe('resolved')
  })

  it('reads no drift and no row while the state does not change', async () => {
    const it = processor()
    await it.handles(stop())
    await it.ticks()
    const before = { ...it.reads }
    it.passes(30 * 24 * HOUR)
    await it.ticks(20)
    expect(it.reads).toEqual(before)
  })

  it('looks at all of many drifts, in pieces', async () => {
    const ids = Array.from({ length: 2000 }, (_, n) => `i-${n}`)
    const held = (type: string) => ids.map((id) => row('aws_instance', { id, instance_type: type }))
    const it = processor({ rows: held('t3.small') })
    const all = ids.map((instanceId) =>
      ec2('ModifyInstanceAttribute', { instanceId, instanceType: { value: 'm5.large' } }),
    )
    expect(await it.handles(...all)).toHaveLength(2000)
    await it.ticks(10)
    it.holds(...held('m5.large'))
    await it.ticks(1)
    const first = await it.ticks(1)
    expect(first.length).toBeGreaterThan(0)
    expect(first.length).toBeLessThan(2000)
    expect(first.length + (await it.ticks(10)).length).toBe(2000)
  })
})

describe('what an operator says', () => {
  it('acknowledges each alert of the drift, once', async () => {
    const it = processor()
    await it.handles(resize('m5.large'), protect(false))
    const ack = it.command('acknowledge', { reason: 'on it' })
    expect(await it.handles(ack)).toEqual([
      'ModifyInstanceAttribute acknowledged',
      'ModifyInstanceAttribute acknowledged',
    ])
    expect(it.alerts.at(-1)).toMatchObject({
      resolvedBy: null,
      statusChange: { by: 'operator', actor: 'carol', reason: 'on it' },
    })
    expect(await it.handles(ack)).toEqual([])
    expect(await it.handles(it.command('acknowledge'))).toEqual([])
  })

  it('is over with a new event: that is changed, and the drift open', async () => {
    const it = processor()
    const first = resize('m5.large')
    await it.handles(first)
    const ack = it.command('acknowledge')
    await it.handles(ack)
    expect(await it.handles(protect(false))).toEqual(['ModifyInstanceAttribute changed'])
    expect(it.drift()).toMatchObject({ status: 'open' })
    // Nothing of a replay acknowledges what came after it.
    await it.handles(first, ack)
    expect(it.drift()).toMatchObject({ status: 'open' })
  })

  it('suppresses a drift until its time is over: what comes meanwhile is told then, for the first time', async () => {
    const it = processor()
    await it.handles(resize('m5.large'))
    const until = new Date(START + HOUR).toISOString()
    const suppress = it.command('suppress', { reason: 'migration', until })
    expect(await it.handles(suppress)).toEqual(['ModifyInstanceAttribute suppressed'])
    expect(await it.handles(protect(false))).toEqual(['ModifyInstanceAttribute suppressed'])
    expect(it.alerts.at(-1)).toMatchObject({ statusChange: { actor: 'carol', reason: 'migration', until } })
    expect(it.drift().status).toBe('suppressed')
    it.passes(HOUR - 1)
    expect(await it.ticks()).toEqual([])
    it.passes(1)
    expect(await it.ticks()).toEqual(['ModifyInstanceAttribute open', 'ModifyInstanceAttribute open'])
    expect(it.drift()).toMatchObject({ status: 'open', change: { by: 'time' } })
    expect(await it.ticks()).toEqual([])
  })

  it('may suppress for longer, without another word', async () => {
    const it = processor()
    await it.handles(stop())
    const until = (hours: number) => ({ until: new Date(START + hours * HOUR).toISOString() })
    await it.handles(it.command('suppress', until(1)))
    expect(await it.handles(it.command('suppress', until(2)))).toEqual([])
    it.passes(HOUR)
    expect(await it.ticks()).toEqual([])
    it.passes(HOUR)
    expect(await it.ticks()).toEqual(['StopLogging open'])
  })

  it('resolves, and only what comes after it opens the drift again', async () => {
    const it = processor()
    const first = stop()
    const between = stop()
    await it.handles(first)
    const resolve = it.command('resolve', { reason: 'accepted' })
    expect(await it.handles(resolve)).toEqual(['StopLogging resolved'])
    expect(it.alerts.at(-1)).toMatchObject({
      resolvedBy: 'operator',
      statusChange: { actor: 'carol', reason: 'accepted' },
    })
    await it.handles(first)
    expect(it.drift().status).toBe('resolved')
    expect(await it.handles(between)).toEqual(['StopLogging open', 'StopLogging resolved'])
    it.passes(HOUR)
    expect(await it.handles(stop({ time: START + HOUR }))).toEqual(['StopLogging open'])
    await it.handles(resolve)
    expect(it.drift().status).toBe('open')
  })

  it('may be about a signal, which nothing else closes', async () => {
    const it = processor()
    const bytes = Buffer.from(JSON.stringify(shellInContainer))
    const [reading] = await readEvents(bytes, { origin: 'falco', receivedAt: 5, hashKey: Buffer.alloc(32) })
    await it.handles((reading as { event: RawEvent }).event)
    const { driftId, eventKey, causes } = it.drift()
    expect(causes).toEqual([])
    const said = { id: 'c', driftId, action: 'resolve' as const, by: 'carol', reason: null, until: null }
    const told = await it.handles(commandEvent({ ...said, time: START }, eventKey!))
    expect(told).toEqual([expect.stringMatching(/ resolved$/)])
  })

  it('about a drift that nobody knows is nothing', async () => {
    const it = processor()
    const said = { id: 'c', driftId: 'none', by: 'carol', reason: null, until: null, time: START }
    expect(await it.handles(commandEvent({ ...said, action: 'resolve' }, KEY))).toEqual([])
    expect(it.statuses.size).toBe(0)
  })

  it('is a dead letter where it is no command', async () => {
    const said = { id: 'c', driftId: 'd', by: 'carol', reason: null, until: null, time: START }
    const event = commandEvent({ ...said, action: 'resolve' }, KEY)
    await expect(processor().handles({ ...event, name: 'ForgetAlert' })).rejects.toThrow(
      'not a command of an operator: ForgetAlert',
    )
  })
})

describe('what stays open for too long', () => {
  it('expires once, and opens with a new event', async () => {
    const it = processor({ expireAfter: 24 * HOUR })
    await it.handles(resize('m5.large'))
    it.passes(24 * HOUR - 1)
    expect(await it.ticks()).toEqual([])
    it.passes(HOUR)
    expect(await it.ticks()).toEqual(['ModifyInstanceAttribute expired'])
    expect(it.alerts.at(-1)).toMatchObject({ resolvedBy: null, statusChange: { by: 'time' } })
    it.passes(48 * HOUR)
    expect(await it.ticks()).toEqual([])
    expect(await it.handles(protect(false))).toEqual(['ModifyInstanceAttribute open'])
    expect(await it.handles(protect(true), resize('t3.small'))).toHaveLength(2)
  })

  it('counts from when it was last told something new, whatever a restart does', async () => {
    const it = processor({ expireAfter: 24 * HOUR })
    await it.handles(resize('m5.large'))
    it.passes(20 * HOUR)
    await it.ticks()
    await it.handles(protect(false))
    it.restarts()
    it.passes(20 * HOUR)
    expect(await it.ticks()).toEqual([])
    it.passes(5 * HOUR)
    expect(await it.ticks()).toHaveLength(2)
  })

  it.each(['acknowledge', 'suppress'] as const)('is not what somebody did %s', async (action) => {
    const it = processor({ expireAfter: HOUR })
    await it.handles(stop())
    await it.handles(it.command(action, { until: new Date(START + 1000 * HOUR).toISOString() }))
    it.passes(100 * HOUR)
    expect(await it.ticks()).toEqual([])
  })
})

it('R9 any order and repetition of events leaves the same drifts open, and no alert of a resolved one unresolved', async () => {
  const steps = fc.array(fc.constantFrom('stop', 'start', 'big', 'small', 'off', 'on'), {
    minLength: 2,
    maxLength: 7,
  })
  const arrivals = steps.chain((list) => {
    const places = list.map((_, n) => n)
    const order = fc.shuffledSubarray(places, { minLength: places.length })
    return fc.tuple(fc.constant(list), order, fc.array(fc.constantFrom(...places), { maxLength: 4 }))
  })
  const makers = {
    stop,
    start,
    big: () => resize('m5.large'),
    small: () => resize('t3.small'),
    off: () => protect(false),
    on: () => protect(true),
  }
  await fc.assert(
    fc.asyncProperty(arrivals, async ([list, order, again]) => {
      seconds = 0
      const events = list.map((name) => makers[name as keyof typeof makers]())
      const [one, other] = [processor(), processor()]
      for (const event of events) await one.handles(event)
      for (const n of [...order, ...again]) await other.handles(events[n]!)
      const verdicts = ({ statuses }: typeof one) =>
        [...statuses.values()]
          .map(({ driftId, status, verdicts: last, since }) => ({ driftId, status, last, since }))
          .sort((a, b) => (a.driftId < b.driftId ? -1 : 1))
      expect(verdicts(other)).toEqual(verdicts(one))
      expect(new Set(other.alerts.map(({ id }) => id))).toEqual(new Set(one.alerts.map(({ id }) => id)))
      for (const { driftId, status } of other.statuses.values()) {
        const told = new Map(
          other.alerts.filter((alert) => alert.driftId === driftId).map((alert) => [alert.id, alert.status]),
        )
        if (status === 'resolved')
          expect(new Set(told.values())).toEqual(new Set(told.size > 0 ? ['resolved'] : []))
      }
    }),
    { numRuns: 100 },
  )
})
