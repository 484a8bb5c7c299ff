import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { createCodecs } from '../../cli/service/codecs.ts'
import type { StateRow } from '../../processors/finding.ts'
import { createMatcher } from '../../processors/match.ts'
import { createPipeline, type Pipeline } from '../../processors/pipeline.ts'
import { createStateIndex } from '../../processors/state-index.ts'
import { DecodeError } from '../../schemas/codec.ts'
import { rawEventHeaders } from '../../schemas/headers.ts'
import type { Alert, AlertStatus, RawEvent, ResourceDiff, RuleMatch } from '../../schemas/types.ts'
import type { Batch, InRecord, OutRecord } from '../../streams/bus.ts'
import { createMetrics } from '../../streams/metrics.ts'
import { createStage, type StageOptions } from '../../streams/stage.ts'
import { aRule } from '../processors/a-finding.ts'
import { context, mappings, row } from '../support/detect.ts'
import { memoryIds } from '../support/memory-ids.ts'
import { aRawEvent } from '../support/raw-event.ts'

const codecs = await createCodecs(memoryIds(), (name) => name)
const now = new Date('2026-03-01T10:05:00Z')

const instance = row('aws_instance', { id: 'i-1', instance_type: 't3.small', disable_api_termination: true })
const trail = row('aws_cloudtrail', { id: 'main', name: 'main', enable_logging: true })

let statuses: Map<string, AlertStatus>
let lookUps: { rows: string[][]; statuses: string[][] }
let metrics: ReturnType<typeof createMetrics>
beforeEach(() => {
  statuses = new Map()
  lookUps = { rows: [], statuses: [] }
  metrics = createMetrics()
})

const real = createPipeline({
  context,
  matcher: createMatcher([aRule('resource_types: [aws_cloudtrail]\nevents: [StopLogging, StartLogging]')]),
  admits: ({ region }) => region !== 'us-east-1',
})

/** The stage over these rows and the statuses of before, which its own records then replace. */
function stageOf(more: Partial<StageOptions> = {}, rows: StateRow[] = [instance, trail]) {
  const states = createStateIndex(mappings)
  for (const one of rows) states.add(one)
  return createStage({
    pipeline: real,
    topic: (name) => name,
    codecs,
    findRows: async (keys) => {
      lookUps.rows.push(keys)
      return keys.map((key) => [...states.rows(key)])
    },
    findDependents: async (rows) => rows.map(states.blastRadius),
    findStatus: async (driftIds) => {
      lookUps.statuses.push(driftIds)
      return driftIds.map((id) => statuses.get(id) ?? null)
    },
    findPending: async (keys) => keys.map(() => null),
    deadLetter: ({ key, value }, error) => ({
      topic: 'dead-letters',
      key,
      value,
      headers: { error: error.name },
    }),
    info: false,
    metrics,
    now: () => now,
    ...more,
  })
}

const stop = (changes: Partial<RawEvent> = {}) => aRawEvent(changes)
const start = (changes: Partial<RawEvent> = {}) => aRawEvent({ name: 'StartLogging', ...changes })
const modify = (request: object) =>
  aRawEvent({
    service: 'ec2.amazonaws.com',
    name: 'ModifyInstanceAttribute',
    request: { instanceId: 'i-1', ...request },
  })

type Source = RawEvent | Buffer | null
function batchOf(...sources: Source[]): Batch {
  const records = sources.map((source, offset): InRecord => {
    const plain = source === null || Buffer.isBuffer(source)
    return {
      topic: 'raw-events',
      partition: 0,
      offset,
      timestamp: 0,
      key: Buffer.from('aws/123456789012/eu-west-1'),
      value: plain ? source : codecs.rawEvent.encode(source),
      headers: plain ? {} : rawEventHeaders(source),
    }
  })
  return { topic: 'raw-events', partition: 0, records, high: records.length }
}

async function read(records: readonly OutRecord[]) {
  const decoded = async <T>(topic: string, decode: (bytes: Buffer) => Promise<T>): Promise<T[]> =>
    Promise.all(records.filter((one) => one.topic === topic).map(({ value }) => decode(value!)))
  return {
    diffs: await decoded<ResourceDiff>('diffs', codecs.diff.decode),
    matches: await decoded<RuleMatch>('matches', codecs.match.decode),
    alerts: await decoded<Alert>('alerts', codecs.alert.decode),
    statuses: await decoded<AlertStatus>('alert-status', codecs.alertStatus.decode),
    deadLetters: records.filter(({ topic }) => topic === 'dead-letters'),
  }
}

/** Runs a batch, and keeps the statuses that come of it, as the table does. */
async function run(stage: ReturnType<typeof stageOf>, ...sources: Source[]) {
  const result = await read(await stage(batchOf(...sources)))
  for (const status of result.statuses) statuses.set(status.driftId, status)
  return result
}

async function outcomes(): Promise<Record<string, number>> {
  const text = await metrics.render()
  const counts = [...text.matchAll(/^tfdrift_events_total\{outcome="([\w-]+)"\} ([1-9]\d*)$/gm)]
  return Object.fromEntries(counts.map(([, outcome, count]) => [outcome!, Number(count)]))
}

describe('a batch of raw events', () => {
  it('W13 becomes diffs, matches, alerts and statuses, under their keys', async () => {
    const records = await stageOf()(
      batchOf(stop({ eventId: 'e-stop', time: Date.UTC(2026, 2, 1, 10, 0, 1) })),
    )
    const { diffs, matches, alerts, statuses: written } = await read(records)
    const [alert] = alerts
    expect(alert).toMatchObject({
      type: 'attribute_drift',
      status: 'open',
      severity: 'high',
      matchedRules: [{ id: 'r1' }],
      diffs: [{ attribute: 'enable_logging', oldValue: 'true', newValue: 'false' }],
      sourceEvent: { id: 'e-stop', name: 'StopLogging' },
      detectedAt: now.toISOString(),
    })
    expect(diffs).toMatchObject([{ id: alert!.id, eventId: 'e-stop' }])
    expect(matches).toMatchObject([{ id: alert!.id, severity: 'high' }])
    expect(written).toMatchObject([
      { driftId: alert!.driftId, status: 'open', alerts: [{ id: alert!.id, status: 'open' }] },
    ])
    const key = 'aws/123456789012/eu-west-1/aws_cloudtrail/main'
    expect(records.map((one) => [one.topic, String(one.key)])).toEqual([
      ['diffs', key],
      ['matches', key],
      ['alerts', key],
      ['alert-status', alert!.driftId],
    ])
    expect(records[2]!.headers).toEqual({
      'tfdrift-alert-id': alert!.id,
      'tfdrift-severity': alert!.severity,
      'tfdrift-event-id': 'e-stop',
      'tfdrift-event-time': '2026-03-01T10:00:01Z',
      'tfdrift-event-name': 'StopLogging',
    })
  })

  it('opens a drift and changes it, where two of its events touch one', async () => {
    const { alerts, statuses: written } = await run(
      stageOf({ info: true }),
      modify({ instanceType: { value: 't3.large' } }),
      modify({ disableApiTermination: { value: false } }),
    )
    expect(alerts.map(({ status }) => status)).toEqual(['open', 'changed'])
    expect(new Set(alerts.map(({ driftId }) => driftId)).size).toBe(1)
    expect(written).toHaveLength(1)
    expect(written[0]!.alerts.map(({ id }) => id)).toEqual(alerts.map(({ id }) => id))
  })

  it('R11 gives the alert of an event that comes later than a day, and leaves the last word to what came in time', async () => {
    const day = 24 * 3600 * 1000
    const inTime = start({ time: Date.UTC(2026, 2, 3) })
    const stage = stageOf()
    await run(stage, stop({ time: inTime.time - 1000 }), inTime)
    for (const lateness of [15 * 60 * 1000, day + 1000, 30 * day]) {
      const late = stop({ time: inTime.time - lateness, receivedAt: inTime.time })
      const { alerts, statuses: written } = await run(stage, late)
      const sourceEvent = { id: late.eventId }
      expect(alerts).toMatchObject([
        { status: 'open', sourceEvent },
        { status: 'resolved', sourceEvent, resolvedBy: 'event', statusChange: { reason: 'StartLogging' } },
      ])
      expect(written).toMatchObject([{ status: 'resolved' }])
    }
  })

  it('gives the same alerts with the same statuses when it is run again', async () => {
    const events = [stop(), start(), stop(), modify({ instanceType: { value: 't3.large' } })]
    const stage = stageOf({ info: true })
    const first = await run(stage, ...events)
    expect(first.alerts.map(({ status }) => status)).toEqual(['open', 'resolved', 'open', 'open'])
    const again = await run(stage, ...events)
    expect(again.alerts).toEqual(first.alerts)
    expect(again.diffs).toEqual(first.diffs)
    expect(again.statuses).toEqual(first.statuses)
  })

  it('says the same however it is cut into batches', async () => {
    const events = [stop(), start(), modify({ instanceType: { value: 't3.large' } }), stop(), start(), stop()]
    const stage = stageOf({ info: true })
    const whole = await run(stage, ...events)
    const ends = fc.uniqueArray(fc.integer({ min: 1, max: events.length - 1 }))
    await fc.assert(
      fc.asyncProperty(ends, async (cuts) => {
        statuses = new Map()
        const alerts: Alert[] = []
        const places = [0, ...cuts.sort((a, b) => a - b), events.length]
        for (const [i, place] of places.slice(1).entries()) {
          alerts.push(...(await run(stage, ...events.slice(places[i], place))).alerts)
        }
        expect(alerts).toEqual(whole.alerts)
        expect([...statuses.values()]).toEqual(expect.arrayContaining(whole.statuses))
      }),
      { numRuns: 15 },
    )
  })

  it('writes of a set-back the status alone, and that the alert is resolved', async () => {
    const stage = stageOf()
    const [opened] = (await run(stage, stop())).alerts
    const { alerts, ...others } = await run(stage, start({ time: Date.UTC(2026, 2, 1, 11) }))
    expect(others).toMatchObject({
      diffs: [],
      matches: [],
      statuses: [{ status: 'resolved', alerts: [{ status: 'resolved', first: 'open', alert: null }] }],
    })
    const at = '2026-03-01T11:00:00Z'
    const statusChange = { by: 'event', actor: 'alice', at, reason: 'StartLogging', until: null }
    expect(alerts).toEqual([{ ...opened, status: 'resolved', resolvedBy: 'event', statusChange }])
  })

  it('publishes alerts of the severity info only where that is wanted', async () => {
    const one = modify({ instanceType: { value: 't3.large' } })
    const quiet = await run(stageOf(), one)
    expect(quiet.alerts).toEqual([])
    expect(quiet.diffs).toHaveLength(1)
    expect(quiet.matches).toMatchObject([{ severity: 'info' }])
    statuses = new Map()
    expect((await run(stageOf({ info: true }), one)).alerts).toMatchObject([{ severity: 'info' }])
  })

  it('counts the rules whose expression cannot be evaluated: they do not match', async () => {
    const rules = ['attributes.nothing == 1', 'attributes.instance_type == "t3.small"'].map((expression, i) =>
      aRule(`expression: '${expression}'`, `r${i}`),
    )
    const pipeline = createPipeline({ context, matcher: createMatcher(rules), admits: () => true })
    const { matches } = await run(stageOf({ pipeline }), modify({ instanceType: { value: 't3.large' } }))
    expect(matches).toMatchObject([{ matchedRules: [{ id: 'r1' }] }])
    const errors = (await metrics.render()).match(/^tfdrift_rule_errors_total.*$/gm)
    expect(errors).toEqual(['tfdrift_rule_errors_total{rule="r0"} 1'])
  })

  it('looks everything up at once, and nothing twice', async () => {
    await run(stageOf(), stop(), start(), stop(), modify({ instanceType: { value: 't3.large' } }))
    expect(lookUps.rows).toEqual([['aws_cloudtrail\0main', 'aws_instance\0i-1']])
    expect(lookUps.statuses).toHaveLength(1)
    expect(new Set(lookUps.statuses[0]).size).toBe(2)
  })
})

describe('a record that cannot be processed', () => {
  const throwing: Pipeline = {
    ...real,
    plan(raw) {
      const plan = real.plan(raw)
      if (typeof plan === 'string' || raw.eventId !== 'e-bad') return plan
      return {
        ...plan,
        judge: () => {
          throw new RangeError('too deep')
        },
      }
    },
  }
  const noAvro = Buffer.from('not Avro')
  const truncated = codecs.rawEvent.encode(stop()).subarray(0, 20)
  const unknownSchema = Buffer.from([0, 0, 0, 99, 99, 1, 2, 3])

  it('becomes a dead letter with its own bytes, and the others give their alerts', async () => {
    const noJson = stop({ payload: '{"eventID":' })
    const noObject = stop({ payload: '[]' })
    const bad = stop({ eventId: 'e-bad' })
    const sources = [noAvro, stop(), truncated, noJson, unknownSchema, noObject, null, bad, stop()]
    const { alerts, deadLetters } = await run(stageOf({ pipeline: throwing }), ...sources)
    expect(alerts.map(({ status }) => status)).toEqual(['open', 'changed'])
    expect(deadLetters.map(({ headers }) => headers!.error)).toEqual([
      'DecodeError',
      'DecodeError',
      'SyntaxError',
      'DecodeError',
      'TypeError',
      'TypeError',
      'RangeError',
    ])
    const bytes = (source: Source) =>
      source === null || Buffer.isBuffer(source) ? source : codecs.rawEvent.encode(source)
    expect(deadLetters.map(({ value }) => value)).toEqual(
      [noAvro, truncated, noJson, unknownSchema, noObject, null, bad].map(bytes),
    )
    expect(String(deadLetters[0]!.key)).toBe('aws/123456789012/eu-west-1')
  })

  it('is one dead letter however many findings it has, and leaves no status of any', async () => {
    const both = {
      ...real,
      report: () => {
        throw new RangeError('too deep')
      },
    }
    const terminate = aRawEvent({
      service: 'ec2.amazonaws.com',
      name: 'TerminateInstances',
      request: { instancesSet: { items: [{ instanceId: 'i-1' }, { instanceId: 'i-2' }] } },
    })
    const second = row('aws_instance', { id: 'i-2' })
    const stage = stageOf({ pipeline: both }, [instance, second])
    const { deadLetters, alerts, statuses: written } = await run(stage, terminate)
    expect(deadLetters).toHaveLength(1)
    expect([alerts, written]).toEqual([[], []])
    expect(await outcomes()).toEqual({})
  })

  it('is not one whose schema cannot be looked up just now: the whole batch is tried again', async () => {
    const ids = { ...memoryIds(), lookup: () => Promise.reject(new Error('registry down')) }
    const other = await createCodecs(ids, (name) => name)
    const stage = stageOf({ codecs: { ...codecs, rawEvent: other.rawEvent } })
    await expect(stage(batchOf(stop(), unknownSchema))).rejects.toThrow('registry down')
  })

  it('is not one of tables that cannot be read: the whole batch is tried again', async () => {
    const stage = stageOf({ findRows: () => Promise.reject(new Error('disk')) })
    await expect(stage(batchOf(stop()))).rejects.toThrow('disk')
  })
})

describe('headers', () => {
  it.each([
    [{ 'tfdrift-outcome': 'failure' }, 'failed'],
    [{ 'tfdrift-read-only': 'true' }, 'read-only'],
  ])('%j leave a record unread', async (headers, outcome) => {
    const batch = batchOf(Buffer.from('not Avro'))
    const [one] = batch.records
    expect(await stageOf()({ ...batch, records: [{ ...one!, headers: headers as never }] })).toEqual([])
    expect(await outcomes()).toEqual({ [outcome]: 1 })
  })

  it('may be missing: then the record is read', async () => {
    const value = codecs.rawEvent.encode(stop({ failed: true }))
    expect(() => codecs.rawEvent.decodeSync(Buffer.from('not Avro'))).toThrow(DecodeError)
    expect(await stageOf()(batchOf(value))).toEqual([])
    expect(await outcomes()).toEqual({ failed: 1 })
  })
})

it('R50 every record of a batch is counted by its outcome, or is a dead letter', async () => {
  const sources = [
    stop(),
    start(),
    stop({ failed: true }),
    stop({ readOnly: true }),
    stop({ region: 'us-east-1' }),
    stop({ name: 'PutNobodyHasMapped' }),
    aRawEvent({ request: { name: 'other' } }),
    aRawEvent({ request: {} }),
    modify({ instanceType: { value: 't3.small' } }),
    aRawEvent({
      service: 'ec2.amazonaws.com',
      name: 'RunInstances',
      record: {
        userIdentity: { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' },
        responseElements: { instancesSet: { items: [{ instanceId: 'i-9' }] } },
      },
    }),
    Buffer.from('not Avro'),
  ]
  const { deadLetters } = await run(stageOf(), ...sources)
  expect(await outcomes()).toEqual({
    finding: 1,
    'as-declared': 2,
    failed: 1,
    'read-only': 1,
    filtered: 1,
    unmapped: 1,
    unmanaged: 1,
    'no-effect': 1,
    'service-created': 1,
  })
  const counted = Object.values(await outcomes()).reduce((sum, count) => sum + count, 0)
  expect(counted + deadLetters.length).toBe(sources.length)
  expect(await metrics.render()).toContain(`tfdrift_records_in_total{topic="raw-events"} ${sources.length}`)
})

describe('what is around a finding', () => {
  it('its alert tells: earlier changes of its resource, once each, and what depends on it', async () => {
    const dependent = { ...instance, key: 'lineage|aws_eip.a', address: 'aws_eip.a', id: 'eip-1' }
    const dependencies = [instance.address]
    const rows = [instance, { ...dependent, dependencies, directDependencies: dependencies }]
    const stage = stageOf({ info: true }, rows)
    const at = (minute: number) => Date.parse('2026-03-01T10:00:00Z') + minute * 60_000
    const change = (eventId: string, minute: number, type: string) => ({
      ...modify({ instanceType: { value: type } }),
      eventId,
      time: at(minute),
    })
    const events = [change('e1', 0, 't3.large'), change('e2', 1, 't3.xlarge'), change('e3', 2, 't3.nano')]
    const first = await run(stage, events[0]!, events[1]!)
    const second = await run(stage, events[2]!)
    const replayed = await run(stageOf({ info: true }, rows), ...events, ...events)
    const told = ({ alerts }: { alerts: Alert[] }) => alerts.map(({ changeHistory }) => changeHistory)
    const histories = [...told(first), ...told(second)]
    expect(histories.map((one) => one.map(({ time }) => time))).toEqual([
      [],
      ['2026-03-01T10:00:00Z'],
      ['2026-03-01T10:01:00Z', '2026-03-01T10:00:00Z'],
    ])
    expect(told(replayed)).toEqual([...histories, ...histories])
    expect(second.alerts[0]!.blastRadius).toEqual({
      directDependents: 1,
      totalDependents: 1,
      addresses: ['aws_eip.a'],
    })
  })
})
