import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCodecs } from '../../cli/service/codecs.ts'
import { countedMatchKey } from '../../processors/windows/counted-match.ts'
import type { CountedMatch, CountWindow } from '../../schemas/counting-types.ts'
import type { Alert, AlertStatus } from '../../schemas/types.ts'
import type { InRecord, OutRecord } from '../../streams/bus.ts'
import { createCountStage } from '../../streams/count-stage.ts'
import { createMetrics } from '../../streams/metrics.ts'
import { aRule } from '../processors/a-finding.ts'
import { aCountedMatch } from '../processors/windows/a-counted-match.ts'
import { fulfilledIn, someMatches } from '../processors/windows/oracle.ts'
import { memoryIds } from '../support/memory-ids.ts'

const codecs = await createCodecs(memoryIds(), (name) => name)
const metrics = createMetrics()
const counting = aRule('threshold: { count: 3, window: 10s, by: [actor] }')

/** The log, as far as this stage sees it: what is in the tables, and the alerts, with every repeat. */
function aLog() {
  const windows = new Map<string, Buffer>()
  const statuses = new Map<string, Buffer>()
  const alerts: Alert[] = []
  const letters: OutRecord[] = []

  /** A stage that remembers nothing: another process, or the same after a restart. */
  function stage(now = new Date('2026-03-01T10:05:00Z'), rule = counting) {
    return createCountStage({
      topic: (name) => name,
      codecs,
      findStatus: async (ids) =>
        ids.map((id) => (statuses.has(id) ? codecs.alertStatus.decodeSync(statuses.get(id)!) : null)),
      findWindows: async (keys) =>
        keys.map((key) => (windows.has(key) ? codecs.countWindow.decodeSync(windows.get(key)!) : null)),
      windowsOf: async () =>
        [...windows].map(([key, value]) => ({ key, value: codecs.countWindow.decodeSync(value) })),
      sinks: [],
      ruleOf: (id) => (id === rule.id ? rule : null),
      deadLetter: ({ key, value }) => ({ topic: 'dead-letters', key, value }),
      info: false,
      metrics,
      now: () => now,
    })
  }

  async function store(records: readonly OutRecord[]): Promise<void> {
    for (const { topic, key, value } of records) {
      if (topic === 'alerts') alerts.push(await codecs.alert.decode(value!))
      if (topic === 'dead-letters') letters.push({ topic, key, value })
      const table = { 'count-windows': windows, 'alert-status': statuses }[topic]
      if (value) table?.set(key!.toString(), value)
      else table?.delete(key!.toString())
    }
  }

  return { stage, store, alerts, windows, statuses, letters }
}

function batchOf(matches: readonly (CountedMatch | Buffer)[], partition = 0, from = 0) {
  const records = matches.map((one, n): InRecord => {
    const bytes = Buffer.isBuffer(one)
    return {
      topic: 'counted-matches',
      partition,
      offset: from + n,
      timestamp: 0,
      key: bytes ? null : Buffer.from(countedMatchKey(one)),
      value: bytes ? one : codecs.countedMatch.encode(one),
      headers: {},
    }
  })
  return { topic: 'counted-matches', partition, records, high: from + records.length }
}

async function run(matches: readonly CountedMatch[], log = aLog()) {
  await log.store(await log.stage().handle(batchOf(matches)))
  return log
}

/** What is compared when the input is shuffled (contract 4). */
const compared = ({ id, type, severity, resource, diffs, matchedRules, actor, sourceEvent }: Alert) =>
  JSON.stringify({ id, type, severity, resource, diffs, matchedRules, actor, sourceEvent })
const distinct = (alerts: readonly Alert[]) => [...new Set(alerts.map(compared))].sort()

/**
 * How the records of partitions are worked off. Of each batch some records are handled again, since a member crashed, or lost
 * its partition, with only some of what it made stored.
 */
const history = fc.record({
  order: fc.infiniteStream(fc.nat()),
  sizes: fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
  crashes: fc.infiniteStream(fc.boolean()),
  stored: fc.infiniteStream(fc.boolean()),
})

type History = typeof history extends fc.Arbitrary<infer T> ? T : never

async function workedOff(all: readonly CountedMatch[], { order, sizes, crashes, stored }: History) {
  const next = <T>(stream: IterableIterator<T>): T => stream.next().value as T
  const log = aLog()
  const shuffled = all
    .map((one) => ({ one, at: next(order) }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
  for (const [partition, actor] of ['alice', 'bob'].entries()) {
    const own = shuffled.filter(({ by }) => by[0]!.value === actor)
    for (let from = 0; from < own.length; ) {
      const crash = next(crashes)
      const size = next(sizes)
      const records = await log.stage().handle(batchOf(own.slice(from, from + size), partition, from))
      await log.store(crash ? records.filter(() => next(stored)) : records)
      if (!crash) from += size
    }
  }
  return log
}

test('the alerts are the same under shuffled input, repeats, crashes, restarts and rebalances: those of the definition', async () => {
  await fc.assert(
    fc.asyncProperty(someMatches, history, async (all, course) => {
      const log = await workedOff(all, course)
      const inOrder = [...all].sort((a, b) => a.match.time - b.match.time)
      const once = await run(inOrder)
      expect(distinct(log.alerts)).toEqual(distinct(once.alerts))
      const ids = new Set(log.alerts.map(({ id }) => id))
      expect(ids.size).toBe(distinct(log.alerts).length)
      const starts = ['alice', 'bob'].map((actor) => all.filter(({ by }) => by[0]!.value === actor))
      expect(ids.size).toBe(starts.flatMap((own) => (own.length > 0 ? fulfilledIn(own) : [])).length)
      expect(new Set(log.statuses.keys())).toEqual(ids)
    }),
    { numRuns: 100 },
  )
})

describe('an alert of a rule that looks at several events', () => {
  const matches = [0, 3000, 6000].map((time, n) =>
    aCountedMatch({
      windowMs: 10_000,
      match: { time: Date.UTC(2026, 2, 1, 10) + time, subject: `aws_s3_bucket.b${n}`, eventId: `e-${n}` },
    }),
  )

  test('is a signal of its own, of what the events have in common, and lists them', async () => {
    const { alerts, statuses } = await run(matches)
    expect(alerts).toEqual([
      expect.objectContaining({
        type: 'signal',
        status: 'open',
        severity: 'high',
        resource: null,
        diffs: [],
        matchedRules: [{ id: 'r1', name: 'Rule r1', severity: 'high' }],
        message:
          '3 times "Rule r1" within 10s (actor alice): DeleteBucket on aws_s3_bucket.b0; DeleteBucket on aws_s3_bucket.b1; DeleteBucket on aws_s3_bucket.b2',
        actor: expect.objectContaining({ name: 'alice', tool: 'unknown' }),
        sourceEvent: {
          id: 'r1|actor=alice|10s|2026-03-01T10:00:00.000Z',
          source: 'tfdrift',
          name: 'Rule r1',
          time: '2026-03-01T10:00:00.000Z',
        },
      }),
    ])
    expect(alerts[0]!.changeHistory.map(({ time, attributes }) => [time, ...attributes])).toEqual([
      ['2026-03-01T10:00:06.000Z', 'aws_s3_bucket.b2'],
      ['2026-03-01T10:00:03.000Z', 'aws_s3_bucket.b1'],
      ['2026-03-01T10:00:00.000Z', 'aws_s3_bucket.b0'],
    ])
    expect(alerts[0]!.driftId).toBe(alerts[0]!.id)
    const status: AlertStatus = codecs.alertStatus.decodeSync(statuses.get(alerts[0]!.id)!)
    expect(status).toMatchObject({ status: 'open', resourceKey: 'rule/r1|actor=alice' })
  })

  test('is told by whatever rules there are, where they do not know the rule any more', async () => {
    const log = aLog()
    const stage = log.stage(undefined, aRule('remediation: [ask alice]', 'r2'))
    await log.store(await stage.handle(batchOf(matches)))
    expect(log.alerts).toMatchObject([{ severity: 'high', matchedRules: [{ id: 'r1' }], remediation: [] }])
  })

  test('what cannot be read is set aside, and the others are counted', async () => {
    const log = aLog()
    await log.store(await log.stage().handle(batchOf([Buffer.from('no Avro'), ...matches])))
    expect(log.letters).toHaveLength(1)
    expect(log.alerts).toHaveLength(1)
  })

  test('what was counted under other words of the rule does not count', async () => {
    const [first, ...rest] = matches
    const log = await run([{ ...first!, version: 'earlier' }, ...rest])
    expect(log.alerts).toEqual([])
  })
})

describe('what has been counted', () => {
  const day = 24 * 60 * 60 * 1000
  const from = new Date('2026-03-01T10:05:00Z')
  const later = (ms: number) => new Date(from.getTime() + ms)

  test('goes when nothing can be added to it any more, late events included', async () => {
    const log = await run([aCountedMatch()])
    expect(log.windows.size).toBe(1)
    expect(await log.stage(later(7 * day)).sweep(0)).toEqual([])
    for (const records of await log.stage(later(7 * day + 1000)).sweep(0)) await log.store(records)
    expect(log.windows.size).toBe(0)
  })

  test('a window that is kept holds what was written', async () => {
    const log = await run([aCountedMatch({ match: { time: 12, eventId: 'e' } })])
    const [[key, value]] = [...log.windows] as [[string, Buffer]]
    expect(key).toBe('r1|actor=alice|v|1970-01-01T00:00:00.010Z')
    const window: CountWindow = codecs.countWindow.decodeSync(value)
    expect(window).toMatchObject({ partition: 0, start: 10, completedBy: null, matches: [{ eventId: 'e' }] })
  })
})
