import { describe, expect, it } from 'vitest'
import { tap } from '../../../cli/operations/tap.ts'
import { full } from '../../schemas/samples.ts'
import { aRawEvent } from '../../support/raw-event.ts'
import { aLog } from './a-log.ts'

describe('tap', () => {
  it('shows the records of a topic with their place, decoded', async () => {
    const log = await aLog()
    await log.publishEvents(aRawEvent({ eventId: 'e-1' }), aRawEvent({ eventId: 'e-2' }))
    expect(await log.ask(tap, { topic: 'raw-events' })).toMatchObject([
      {
        offset: 0,
        key: 'aws/123456789012/eu-west-1',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        headers: { 'tfdrift-event-id': 'e-1' },
        value: { eventId: 'e-1', payload: { requestParameters: { name: 'main' } } },
      },
      { offset: 1, value: { eventId: 'e-2' } },
    ])
    expect(await log.ask(tap, { topic: 'tfdrift.raw-events' })).toHaveLength(2)
  })

  it('tells of a record within a record only its size', async () => {
    const log = await aLog()
    const value = log.codecs.alertStatus.encode(full['alert-status'])
    await log.bus.publish([{ topic: 'tfdrift.alert-status', key: Buffer.from('d-1'), value }])
    expect(await log.ask(tap, { topic: 'alert-status' })).toMatchObject([
      { value: { alerts: [{ id: 'a-1', alert: '(2 bytes)' }], causes: [{ event: '(2 bytes)' }] } },
    ])
  })

  it('masks the hashes of secrets, however deep they stand', async () => {
    const log = await aLog()
    const secret = 'hmac-sha256:abcdef'
    await log.publishEvents(aRawEvent({ request: { list: [{ password: secret }], name: 'main' } }))
    await log.publishState('l|a', { attributes: JSON.stringify({ password: secret, size: 8 }) })
    const shown = [
      ...(await log.ask(tap, { topic: 'raw-events' })),
      ...(await log.ask(tap, { topic: 'state-snapshot' })),
    ]
    expect(JSON.stringify(shown)).not.toContain('hmac-sha256')
    expect(shown).toMatchObject([
      { value: { payload: { requestParameters: { list: [{ password: '(sensitive)' }], name: 'main' } } } },
      { value: { resource: { attributes: { password: '(sensitive)', size: 8 } } } },
    ])
  })

  it('shows the values of a diff as JSON, and leaves other texts alone', async () => {
    const log = await aLog()
    await log.publishAlerts({ ...full.alert, message: '{"a":1}' })
    expect(await log.ask(tap, { topic: 'alerts' })).toMatchObject([
      { value: { message: '{"a":1}', diffs: [{ oldValue: 't3.micro', newValue: 'm5.large' }] } },
    ])
  })

  it('goes on past a record that cannot be decoded, and says why', async () => {
    const log = await aLog()
    await log.bus.publish([
      { topic: 'tfdrift.raw-events', key: null, value: Buffer.from('swordfish'), partition: 1 },
    ])
    await log.bus.publish([
      { topic: 'tfdrift.raw-events', key: null, value: Buffer.from([0, 0, 0, 9, 9]), partition: 1 },
    ])
    await log.publishEvents(aRawEvent({ eventId: 'e-1' }))
    const shown = await log.ask(tap, { topic: 'raw-events' })
    const values = shown.map((one) => (one as { value: object }).value)
    expect(values).toHaveLength(3)
    expect(values).toContainEqual(
      expect.objectContaining({ undecodable: expect.stringContaining('Confluent wire format'), bytes: 9 }),
    )
    expect(values).toContainEqual(
      expect.objectContaining({ undecodable: expect.stringContaining('no schema has id 2313'), bytes: 5 }),
    )
    expect(values).toContainEqual(expect.objectContaining({ eventId: 'e-1' }))
    expect(JSON.stringify(shown)).not.toContain('swordfish')
  })

  it('shows of a dead letter its headers and its length', async () => {
    const log = await aLog()
    await log.bus.publish([
      {
        topic: 'tfdrift.dead-letters',
        key: null,
        value: Buffer.from('sealed'),
        headers: { 'dlt.stage': 'x' },
      },
    ])
    expect(await log.ask(tap, { topic: 'dead-letters' })).toMatchObject([
      { key: null, headers: { 'dlt.stage': 'x' }, value: { sealedBytes: 6 } },
    ])
  })

  it('shows a tombstone as null', async () => {
    const log = await aLog()
    await log.publishState('l|a', null)
    expect(await log.ask(tap, { topic: 'state-snapshot' })).toMatchObject([{ key: 'l|a', value: null }])
  })

  it('follows a topic until it is told to stop', async () => {
    const log = await aLog()
    await log.publishEvents(aRawEvent({ eventId: 'e-1' }))
    const stop = new AbortController()
    const seen: string[] = []
    const emit = (record: object) => {
      const { eventId } = (record as { value: { eventId: string } }).value
      seen.push(eventId)
      if (eventId === 'e-1') void log.publishEvents(aRawEvent({ eventId: 'e-2' }))
      if (eventId === 'e-2') stop.abort()
    }
    await tap(log, { topic: 'raw-events', follow: true }, emit, stop.signal)
    expect(seen).toEqual(['e-1', 'e-2'])
    await log.publishEvents(aRawEvent({ eventId: 'e-3' }))
    expect(seen).toHaveLength(2)
  })

  it('does not follow where it was told to stop before', async () => {
    const log = await aLog()
    await log.publishEvents(aRawEvent())
    expect(await log.ask(tap, { topic: 'raw-events', follow: true }, AbortSignal.abort())).toHaveLength(1)
  })

  it('names the topics that there are, where it is asked for another', async () => {
    const log = await aLog({ topics: false })
    await expect(log.ask(tap, { topic: 'coffee' })).rejects.toThrow(
      /^no topic coffee; choose one of raw-events, state-snapshot, /,
    )
    await expect(log.ask(tap, { topic: 'alerts' })).rejects.toThrow(
      'tfdrift.alerts does not exist yet; tfdrift topics create makes it',
    )
  })
})
