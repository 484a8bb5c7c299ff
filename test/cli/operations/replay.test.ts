import { describe, expect, it } from 'vitest'
import { createCollector } from '../../../cli/detect/collect-findings.ts'
import { detectPipeline } from '../../../cli/detect/detect-pipeline.ts'
import { rehearse, replay } from '../../../cli/operations/replay.ts'
import type { RehearsalRange } from '../../../cli/operations/retell.ts'
import { createStateIndex } from '../../../processors/state-index.ts'
import type { Alert, RawEvent } from '../../../schemas/types.ts'
import { row } from '../../support/detect.ts'
import { aRawEvent } from '../../support/raw-event.ts'
import { type ALog, aLog } from './a-log.ts'

const group = 'tfdrift.processor'
const topic = 'tfdrift.raw-events'

describe('replay', () => {
  it('moves the processor to where it is told, and says where that is', async () => {
    const log = await aLog()
    await log.publishEvents(aRawEvent(), aRawEvent(), aRawEvent())
    const partition = (await log.bus.offsets(topic)).findIndex(({ high }) => high === 3)
    const at = async (from: Parameters<typeof replay>[1]['from']) => {
      const [answer] = await log.ask(replay, { from })
      expect(answer).toMatchObject({ group, topic, offsets: await log.bus.committed(group, topic) })
      return (await log.bus.committed(group, topic))[partition]!.offset
    }
    expect(await at({ to: 'latest' })).toBe(3)
    expect(await at({ to: 'earliest' })).toBe(0)
    expect(await at({ to: 'offset', offset: 2 })).toBe(2)
    expect(await at({ to: 'offset', offset: 99 })).toBe(3)
    expect(await at({ to: 'time', time: 0 })).toBe(0)
    expect(await at({ to: 'time', time: Date.now() + 60_000 })).toBe(3)
  })

  it('needs the topic', async () => {
    const log = await aLog({ topics: false })
    await expect(log.ask(replay, { from: { to: 'earliest' } })).rejects.toThrow('tfdrift topics create')
  })
})

describe('a rehearsal', () => {
  const quiet = { alerts: { severity: { attribute_drift: 'high' } } }
  const trail = { id: 'main', name: 'main', enable_logging: true }

  const { pipeline, mappings } = detectPipeline({ rules: ['none'] })

  /** A log with these events, and a state that holds the trail. */
  async function logWith(events: RawEvent[], settings: object = quiet): Promise<ALog> {
    const log = await aLog({ settings })
    const attributes = JSON.stringify(trail)
    const more = { id: 'main', arn: null, region: 'eu-west-1', attributes }
    await log.publishState('l|t', { address: 'aws_cloudtrail.main', type: 'aws_cloudtrail', ...more })
    await log.publishEvents(...events)
    return log
  }

  /** The alerts that a service has published of these events. */
  function alertsOf(events: readonly RawEvent[], changes: Partial<Alert> = {}): Alert[] {
    const states = createStateIndex(mappings)
    states.add(row('aws_cloudtrail', trail))
    const collector = createCollector(pipeline, states)
    for (const event of events) collector.add(event)
    const published = { severity: 'high', status: 'open' } as const
    return collector.alerts(new Date(0)).map((alert) => ({ ...alert, ...published, ...changes }))
  }

  const changes = (log: ALog, range: RehearsalRange = {}) => log.ask(rehearse, range)

  it('finds nothing to differ where all has been said', async () => {
    const events = [aRawEvent(), aRawEvent()]
    const log = await logWith(events)
    await log.publishAlerts(...alertsOf(events))
    expect(await changes(log)).toEqual([])
  })

  it('tells the alerts that would be new', async () => {
    const event = aRawEvent({ eventId: 'e-1', time: Date.UTC(2026, 2, 1) })
    expect(await changes(await logWith([event]))).toMatchObject([
      {
        change: 'new',
        severity: 'high',
        event: 'e-1',
        time: '2026-03-01T00:00:00Z',
        type: 'attribute_drift',
      },
    ])
  })

  it('tells the alerts that would say something else', async () => {
    const event = aRawEvent()
    for (const other of [
      { severity: 'low' },
      { diffs: [] },
      { type: 'resource_deleted' },
    ] as Partial<Alert>[]) {
      const log = await logWith([event])
      const [alert] = alertsOf([event], other)
      await log.publishAlerts(alert!)
      expect(await changes(log)).toMatchObject([{ change: 'changed', id: alert!.id, severity: 'high' }])
    }
  })

  it('does not mind another wording, status or time of detection', async () => {
    const event = aRawEvent()
    const log = await logWith([event])
    await log.publishAlerts(
      ...alertsOf([event], { message: 'x', status: 'changed', detectedAt: '2020-01-01T00:00:00Z' }),
    )
    expect(await changes(log)).toEqual([])
  })

  it('tells the alerts that nothing would say any more', async () => {
    const event = aRawEvent()
    const log = await logWith([])
    const [alert] = alertsOf([event])
    await log.publishAlerts(alert!)
    expect(await changes(log)).toMatchObject([{ change: 'gone', id: alert!.id }])
  })

  it('takes no announcement of the end of a drift for an alert', async () => {
    const log = await logWith([])
    await log.publishAlerts(...alertsOf([aRawEvent()], { status: 'resolved' }))
    expect(await changes(log)).toEqual([])
  })

  it('looks only at events in its range, the end left out', async () => {
    const at = (hour: number) => Date.UTC(2026, 2, 1, hour)
    const events = [8, 9, 10].map((hour) => aRawEvent({ eventId: `e-${hour}`, time: at(hour) }))
    const log = await logWith(events)
    const [first] = alertsOf(events)
    await log.publishAlerts(first!)
    const told = async (range: RehearsalRange) =>
      (await changes(log, range)).map((one) => (one as { event: string }).event)
    expect(await told({})).toEqual(['e-9', 'e-10'])
    expect(await told({ from: at(10) })).toEqual(['e-10'])
    expect(await told({ to: at(10) })).toEqual(['e-9'])
    expect(await told({ from: at(8), to: at(9) })).toEqual([])
  })

  it('misses no alert of the severity info that is not published', async () => {
    const event = aRawEvent()
    expect(await changes(await logWith([event], {}))).toEqual([])
    expect(await changes(await logWith([event], { alerts: { info: true } }))).toMatchObject([
      { change: 'new', severity: 'info' },
    ])
  })

  it('passes over records that cannot be read', async () => {
    const log = await logWith([aRawEvent()])
    for (const name of ['tfdrift.raw-events', 'tfdrift.alerts']) {
      await log.bus.publish([{ topic: name, key: null, value: Buffer.from('x') }])
    }
    expect(await changes(log)).toHaveLength(1)
  })

  it('changes nothing: neither offsets nor topics', async () => {
    const log = await logWith([aRawEvent()])
    const ends = async () =>
      Promise.all([topic, 'tfdrift.alerts', 'tfdrift.alert-status'].map((name) => log.bus.offsets(name)))
    const before = await ends()
    await changes(log)
    expect(await ends()).toEqual(before)
    expect((await log.bus.committed(group, topic)).every(({ offset }) => offset === null)).toBe(true)
  })
})
