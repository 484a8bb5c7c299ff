import { createReadStream, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { type EventReading, readEvents } from '../../../connectors/sources/read-events.ts'
import { readStateFile } from '../../../connectors/sources/read-files.ts'
import { parseState } from '../../../connectors/sources/terraform-state/parse.ts'
import { rawEventKey } from '../../../schemas/raw-event-key.ts'
import { hashKey, type Json } from './a-record.ts'

/** Recorded audit events and states, which are too large for the repository; TFDRIFT_CORPORA names their folder. */
const corpora = process.env.TFDRIFT_CORPORA ?? path.resolve(import.meta.dirname, '../../../../shared/corpora')

async function* recordsOf(file: string): AsyncGenerator<{ record: Json; kind?: string }> {
  const lines = createInterface({ input: createReadStream(path.join(corpora, 'cloudtrail', file)) })
  for await (const line of lines) yield JSON.parse(line) as { record: Json; kind?: string }
}

async function read(record: Json): Promise<EventReading> {
  const bytes = Buffer.from(JSON.stringify(record))
  const readings = [...(await readEvents(bytes, { origin: 'corpus', receivedAt: 0, hashKey }))]
  expect(readings).toHaveLength(1)
  return readings[0]!
}

describe.skipIf(!existsSync(corpora))('the recorded corpora', () => {
  test.each(['panther.ndjson', 'streamalert.ndjson', 'eventbridge-c7n-cwe.ndjson'])(
    'every record of %s is an event, or is passed over or refused for a reason that it shows',
    async (file) => {
      for await (const { record, kind } of recordsOf(file)) {
        const reading = await read(record)
        const own = ('detail-type' in record ? record.detail : record) as Json
        if ('deadLetter' in reading) {
          expect(reading.deadLetter.code).toBe('no-time')
          expect(String(own.eventTime)).not.toMatch(/^\d{4}-/)
        } else if ('skipped' in reading) {
          if (reading.skipped === 'other-event') expect(kind).toBe('eventbridge-other')
          else expect(JSON.stringify(own)).toMatch(/insight|"(Data|NetworkActivity)"/i)
        } else {
          const { event } = reading
          expect(event.name).toBe(own.eventName)
          expect(event.eventId).toMatch(/./)
          expect(new Date(event.time).toISOString().slice(0, 10)).toBe(String(own.eventTime).slice(0, 10))
          expect(event.failed).toBe(Boolean(own.errorCode || own.errorMessage))
          expect(rawEventKey(event)).toMatch(/^aws\/[^/]*\/[^/]*$/)
          expect(Object.keys(JSON.parse(event.payload) as Json)).toEqual(Object.keys(own))
        }
      }
    },
  )

  const rows = existsSync(corpora)
    ? readFileSync(path.join(corpora, 'states/expected.tsv'), 'utf8').trim().split('\n').slice(1)
    : []
  test.each(rows.map((row) => row.split('\t') as [string, string, string, string]))(
    'the state %s of format %s has %s instances: %s',
    async (file, version, managed, verdict) => {
      const place = path.join(corpora, 'states', file)
      if (verdict === 'refused') {
        expect(() => parseState(readFileSync(place), place)).toThrow(
          `states of format ${version} are not read`,
        )
        return
      }
      const snapshots = await readStateFile(place, { hashKey })
      const current = snapshots.filter(({ value }) => value.resource && value.resource.deposedKey === null)
      expect(current).toHaveLength(Number(managed))
      expect(snapshots.at(-1)!.value.count).toBe(snapshots.length - 1)
    },
  )
})
