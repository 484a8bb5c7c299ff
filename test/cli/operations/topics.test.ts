import { describe, expect, it } from 'vitest'
import { createTopics, topics } from '../../../cli/operations/topics.ts'
import { topology } from '../../../processors/topology.ts'
import { TopicMismatchError } from '../../../streams/bus.ts'
import { aRawEvent } from '../../support/raw-event.ts'
import { aLog } from './a-log.ts'

describe('createTopics', () => {
  it('makes every topic of the topology, and says which', async () => {
    const log = await aLog({ topics: false })
    const made = await log.ask(createTopics, {})
    expect(made).toEqual(
      topology.map(({ name, cleanup }) => ({ topic: `tfdrift.${name}`, partitions: 2, cleanup })),
    )
    expect(await log.bus.describe('tfdrift.alert-status')).toEqual({ partitions: 2, cleanup: 'compact' })
    expect(await log.ask(createTopics, {})).toEqual(made)
  })

  it('names them with the prefix that is configured', async () => {
    const log = await aLog({ topics: false, settings: { bus: { partitions: 1, topicPrefix: 'prod-' } } })
    await log.ask(createTopics, {})
    expect(await log.bus.describe('prod-raw-events')).toEqual({ partitions: 1, cleanup: 'delete' })
    expect(await log.bus.describe('tfdrift.raw-events')).toBeNull()
  })

  it('refuses a topic that is there with other settings', async () => {
    const log = await aLog({ topics: false })
    await log.bus.ensureTopics([{ name: 'tfdrift.alert-status', partitions: 2, cleanup: 'delete' }])
    const created = log.ask(createTopics, {})
    await expect(created).rejects.toThrow(TopicMismatchError)
    await expect(created).rejects.toThrow('tfdrift.alert-status')
  })
})

describe('topics', () => {
  it('lists the topology, also before it is there', async () => {
    const log = await aLog({ topics: false })
    const listed = await log.ask(topics, {})
    expect(listed).toMatchObject(
      topology.map(({ name, cleanup, schema, writers }) => ({
        topic: `tfdrift.${name}`,
        exists: false,
        partitions: 0,
        records: 0,
        offsets: [],
        cleanup,
        schema,
        writers,
      })),
    )
  })

  it('counts the records that a topic holds', async () => {
    const log = await aLog()
    await log.publishEvents(aRawEvent(), aRawEvent(), aRawEvent())
    const [described, ...others] = await log.ask(topics, { topic: 'raw-events' })
    expect(described).toMatchObject({ topic: 'tfdrift.raw-events', exists: true, partitions: 2, records: 3 })
    const offsets = (described as { offsets: { high: number }[] }).offsets
    expect(offsets.map(({ high }) => high).sort()).toEqual([0, 3])
    expect(others).toEqual([])
  })

  it('finds one by its full name too, and names those that there are where it is asked for another', async () => {
    const log = await aLog()
    expect(await log.ask(topics, { topic: 'tfdrift.alerts' })).toMatchObject([{ topic: 'tfdrift.alerts' }])
    await expect(log.ask(topics, { topic: 'coffee' })).rejects.toThrow(
      /^no topic coffee; choose one of raw-events, state-snapshot, /,
    )
  })
})
