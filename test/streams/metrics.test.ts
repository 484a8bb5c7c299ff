import { expect, test } from 'vitest'
import { createMetrics } from '../../streams/metrics.ts'

test('every outcome of an event is there from the start, at zero', async () => {
  const text = await createMetrics().render()
  const outcomes = [...text.matchAll(/^tfdrift_events_total\{outcome="([\w-]+)"\} 0$/gm)].map(
    (match) => match[1],
  )
  expect(outcomes.sort()).toEqual([
    'as-declared',
    'command',
    'failed',
    'filtered',
    'finding',
    'ignored',
    'left-out',
    'no-effect',
    'operation-end',
    'read-only',
    'service-created',
    'unmanaged',
    'unmapped',
    'waiting',
  ])
})

test('so is what becomes of calls that have waited', async () => {
  const text = await createMetrics().render()
  for (const result of ['settled', 'replaced', 'expired'])
    expect(text).toContain(`tfdrift_settle_total{result="${result}"} 0\n`)
})

test('counters add up under their labels', async () => {
  const metrics = createMetrics()
  metrics.eventsTotal.inc({ outcome: 'read-only' }, 40)
  metrics.eventsTotal.inc({ outcome: 'read-only' })
  metrics.deadLettersTotal.inc({ stage: 'normalize', code: 'not-json' })
  const text = await metrics.render()
  expect(text).toContain('tfdrift_events_total{outcome="read-only"} 41')
  expect(text).toContain('tfdrift_dead_letters_total{stage="normalize",code="not-json"} 1')
})

test('a gauge forgets a partition that was taken away', async () => {
  const metrics = createMetrics()
  metrics.consumerLag.set({ topic: 'raw-events', partition: 0 }, 7)
  metrics.consumerLag.set({ topic: 'raw-events', partition: 1 }, 8)
  metrics.consumerLag.remove({ topic: 'raw-events', partition: 0 })
  const text = await metrics.render()
  expect(text).not.toContain('partition="0"')
  expect(text).toContain('tfdrift_consumer_lag{topic="raw-events",partition="1"} 8')
})

test('latencies fall into buckets', async () => {
  const metrics = createMetrics()
  metrics.eventLatencySeconds.observe({ provider: 'aws' }, 3)
  const text = await metrics.render()
  expect(text).toContain('tfdrift_event_latency_seconds_bucket{le="2.5",provider="aws"} 0')
  expect(text).toContain('tfdrift_event_latency_seconds_bucket{le="5",provider="aws"} 1')
})

test('two processes in one test do not share numbers', async () => {
  const one = createMetrics()
  const other = createMetrics()
  one.recordsInTotal.inc({ topic: 'raw-events' }, 5)
  expect(await other.render()).not.toContain('topic="raw-events"')
})
