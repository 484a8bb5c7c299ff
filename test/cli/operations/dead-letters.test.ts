import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { deadLetter, deadLetters } from '../../../cli/operations/dead-letters.ts'
import { readTopic } from '../../../cli/operations/read-topic.ts'
import { redrive } from '../../../cli/operations/redrive.ts'
import type { InRecord } from '../../../streams/bus.ts'
import { type DeadLetter, openDeadLetter, deadLetter as sealed } from '../../../streams/dead-letters.ts'
import { aRawEvent } from '../../support/raw-event.ts'
import { type ALog, aLog } from './a-log.ts'

const TOPIC = 'tfdrift.dead-letters'
const key = Buffer.alloc(32, 7)

async function bury(log: ALog, changes: Partial<DeadLetter> = {}): Promise<string> {
  const letter: DeadLetter = {
    topic: null,
    partition: null,
    offset: null,
    timestamp: 0,
    key: null,
    value: Buffer.from('{"password":"hunter2","a":1}'),
    headers: {},
    stage: 'source',
    code: 'no-records',
    message: 'JSON, but of no known form',
    attempts: 1,
    origin: 'file.json#1',
    ...changes,
  }
  const [place] = await log.bus.publish([sealed(letter, TOPIC, key)])
  return `${TOPIC}/${place!.partition}/${place!.offset}`
}

async function recordsOf(log: ALog, topic: string): Promise<InRecord[]> {
  const records: InRecord[] = []
  await readTopic(log.bus, topic, (record) => void records.push(record))
  return records
}

const lettersOf = async (log: ALog) => (await recordsOf(log, TOPIC)).filter(({ value }) => value !== null)

const cloudTrail = {
  eventVersion: '1.08',
  eventID: 'e-1',
  eventTime: '2026-03-01T10:00:00Z',
  eventSource: 'cloudtrail.amazonaws.com',
  eventName: 'StopLogging',
  awsRegion: 'eu-west-1',
  recipientAccountId: '123456789012',
  userIdentity: { type: 'IAMUser', userName: 'alice' },
  requestParameters: { name: 'main', password: 'hunter2' },
}

describe('the list of dead letters', () => {
  it('has a line for each, without its bytes', async () => {
    const log = await aLog()
    const id = await bury(log)
    expect(await log.ask(deadLetters, {})).toEqual([
      {
        id,
        stage: 'source',
        code: 'no-records',
        message: 'JSON, but of no known form',
        origin: 'file.json#1',
        attempts: 1,
        at: expect.stringMatching(/^\d{4}-/),
        bytes: 28,
      },
    ])
  })

  it('is empty where the topic is not there yet', async () => {
    expect(await (await aLog({ topics: false })).ask(deadLetters, {})).toEqual([])
  })
})

describe('a letter that is shown', () => {
  const show = async (log: ALog, id: string) => (await log.ask(deadLetter, { id }))[0] as { value: unknown }

  it('is opened and redacted', async () => {
    const log = await aLog()
    const id = await bury(log)
    expect((await show(log, id)).value).toEqual({ password: '(sensitive)', a: 1 })
    expect(await show(log, id.replace(`${TOPIC}/`, ''))).toMatchObject({ id })
  })

  it('is unpacked', async () => {
    const log = await aLog()
    const id = await bury(log, { value: gzipSync('{"a":1}\n{"token":"hunter2"}') })
    const { value } = await show(log, id)
    expect(JSON.stringify(value)).not.toContain('hunter2')
    expect(value).toMatchObject([{ a: 1 }, {}])
  })

  it('is decoded where it is a record of a topic', async () => {
    const log = await aLog()
    const event = aRawEvent()
    const id = await bury(log, { topic: 'tfdrift.raw-events', value: log.codecs.rawEvent.encode(event) })
    expect((await show(log, id)).value).toMatchObject({ eventId: event.eventId, name: 'StopLogging' })
  })

  it.each([
    ['not JSON', { value: Buffer.from('password=hunter2') }],
    ['JSON that is cut off', { value: Buffer.from('{"password":"hunter2') }],
    [
      'JSON that is too deep to be looked through',
      { value: Buffer.from(`${'[1,'.repeat(400)}"hunter2"${']'.repeat(400)}`) },
    ],
    ['no Avro', { topic: 'tfdrift.raw-events', value: Buffer.from('hunter2') }],
  ])('is not shown where it is %s', async (_, changes) => {
    const log = await aLog()
    const shown = await show(log, await bury(log, changes))
    expect(shown.value).toMatchObject({ notShown: expect.stringContaining('--raw') })
    expect(JSON.stringify(shown)).not.toContain('hunter2')
  })

  it('is given as its exact bytes on demand', async () => {
    const log = await aLog()
    const value = Buffer.from([0, 255, 1, 254])
    const id = await bury(log, { value })
    expect(await log.ask(deadLetter, { id, raw: true })).toEqual([{ base64: value.toString('base64') }])
  })

  it('must be there, and sealed with this key', async () => {
    const log = await aLog()
    await expect(show(log, '0/99')).rejects.toThrow('no dead letter 0/99; tfdrift dead-letters list')
    const id = await bury(log)
    const other = {
      ...log.config,
      secrets: { ...log.config.secrets, deadLetterKey: Buffer.alloc(32).toString('base64') },
    }
    await expect(
      deadLetter({ ...log, config: other }, { id }, () => {}, new AbortController().signal),
    ).rejects.toThrow('another key')
  })
})

describe('redrive', () => {
  it('copies a record back to its topic, byte by byte, with its headers', async () => {
    const log = await aLog()
    const value = Buffer.from([0, 1, 2, 3])
    const id = await bury(log, {
      topic: 'tfdrift.raw-events',
      key: Buffer.from('k'),
      value,
      headers: { a: 'b' },
    })
    expect(await log.ask(redrive, { ids: [id] })).toEqual([{ id, ok: true, topic: 'tfdrift.raw-events' }])
    const [record] = await recordsOf(log, 'tfdrift.raw-events')
    expect(record).toMatchObject({ key: Buffer.from('k'), value, headers: { a: 'b', 'dlt.redriven': '1' } })
    expect(Object.keys(record!.headers)).toHaveLength(2)
  })

  it('reads again what a source could not read, redacted like any other event', async () => {
    const log = await aLog()
    const id = await bury(log, { value: Buffer.from(JSON.stringify({ Records: [cloudTrail] })) })
    expect(await log.ask(redrive, { ids: [id] })).toMatchObject([{ id, ok: true, events: 1, deadLetters: 0 }])
    const [record] = await recordsOf(log, 'tfdrift.raw-events')
    const event = await log.codecs.rawEvent.decode(record!.value!)
    expect(event).toMatchObject({ name: 'StopLogging', account: '123456789012' })
    expect(event.payload).not.toContain('hunter2')
  })

  it('makes a letter again of what still cannot be read', async () => {
    const log = await aLog()
    const id = await bury(log)
    expect(await log.ask(redrive, {})).toMatchObject([{ id, ok: true, events: 0, deadLetters: 1 }])
    const [first, second] = await lettersOf(log)
    expect(second!.headers).toMatchObject({ 'dlt.redriven': '1', 'dlt.attempts': '2' })
    expect(openDeadLetter(second!, key).value).toEqual(openDeadLetter(first!, key).value)
  })

  it('takes with all only what was not redriven yet, and the list tells', async () => {
    const log = await aLog()
    const event = log.codecs.rawEvent.encode(aRawEvent())
    const id = await bury(log, { topic: 'tfdrift.raw-events', value: event })
    expect(await log.ask(redrive, {})).toHaveLength(1)
    expect(await log.ask(redrive, {})).toEqual([])
    expect(await log.ask(deadLetters, {})).toMatchObject([{ id, redriven: 1 }])
  })

  it('refuses a letter that has come back three times, and goes on with the others', async () => {
    const log = await aLog()
    const tired = await bury(log, { headers: { 'dlt.redriven': '3' } })
    const fresh = await bury(log)
    const results = await log.ask(redrive, { ids: [tired, fresh] })
    expect(results).toMatchObject([
      { id: tired, ok: false, problem: expect.stringContaining('3 times') },
      { id: fresh, ok: true },
    ])
  })

  it('refuses, too, to send one letter a fourth time', async () => {
    const log = await aLog()
    const id = await bury(log, { topic: 'tfdrift.raw-events' })
    const outcomes: unknown[] = []
    for (let i = 0; i < 4; i++) outcomes.push(...(await log.ask(redrive, { ids: [id] })))
    expect(outcomes).toMatchObject([{ ok: true }, { ok: true }, { ok: true }, { ok: false }])
  })
})
