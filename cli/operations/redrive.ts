import { type EventReading, readEvents } from '../../connectors/sources/read-events.ts'
import type { InRecord, OutRecord } from '../../streams/bus.ts'
import { type DeadLetter, deadLetter, openDeadLetter } from '../../streams/dead-letters.ts'
import { resolveSecrets } from '../config/secrets.ts'
import { toldMessage } from '../log.ts'
import { createCodecs } from '../service/codecs.ts'
import { createEmit } from '../service/emit.ts'
import { topicNamer } from '../service/topic-configs.ts'
import type { Operation, OperationContext } from './operation.ts'
import { letterId, readLetters, redriveNote } from './read-letters.ts'

/** How often a record was redriven that has come back, and how often it may be. */
const REDRIVEN = 'dlt.redriven'
const MOST = 3

/**
 * Sends letters back: a record of the log as the very bytes it was, to the topic that it was read from; what a source
 * could not read is read again, and becomes events, or a letter once more. `ids` left out: all that have not been
 * redriven yet. Each is answered with {id, ok}; one that was redriven three times is refused.
 */
export const redrive: Operation<{ ids?: string[] }> = async (context, { ids }, emit) => {
  const { letters, redrives, find } = await readLetters(context)
  const chosen = ids ? ids.map(find) : letters.filter((record) => !redrives.has(letterId(record)))
  const send = await createRedrive(context)
  for (const record of chosen) {
    const id = letterId(record)
    const before = Number(record.headers[REDRIVEN] ?? 0) + (redrives.get(id) ?? 0)
    if (before >= MOST) {
      emit({ id, ok: false, problem: `it was redriven ${before} times already; mend its cause first` })
      continue
    }
    try {
      emit({ id, ok: true, ...(await send(record, before + 1)) })
    } catch (error) {
      emit({ id, ok: false, problem: toldMessage(error as Error) })
    }
  }
}

async function createRedrive(context: OperationContext) {
  const { config, bus, ids } = context
  const { hashKey, deadLetterKey } = resolveSecrets(config)
  const topic = topicNamer(config.bus)
  const codecs = await createCodecs(ids, topic)
  const emit = createEmit({ bus, topic, codecs, deadLetterKey, onStored: () => {} })

  return async function send(record: InRecord, times: number): Promise<object> {
    const letter = openDeadLetter(record, deadLetterKey)
    const result =
      letter.topic === null ? await readAgain(letter, times) : await copyBack(letter, letter.topic, times)
    await bus.publish([redriveNote(record)])
    return result
  }

  async function copyBack(letter: DeadLetter, to: string, times: number): Promise<object> {
    const { key, value, partition } = letter
    const headers = { ...letter.headers, [REDRIVEN]: String(times) }
    const place = key === null && partition !== null ? { partition } : {}
    await bus.publish([{ topic: to, key, value, headers, ...place }])
    return { topic: to }
  }

  async function readAgain(letter: DeadLetter, times: number): Promise<object> {
    const origin = letter.origin
    const readings = [
      ...(await readEvents(letter.value ?? Buffer.alloc(0), { origin, receivedAt: Date.now(), hashKey })),
    ]
    const events = readings.flatMap((reading) => ('event' in reading ? [reading.event] : []))
    const again = readings.flatMap((reading) => letterAgain(letter, reading, times))
    await emit({ events })
    await bus.publish(again)
    return { topic: topic('raw-events'), events: events.length, deadLetters: again.length }
  }

  function letterAgain(letter: DeadLetter, reading: EventReading, times: number): OutRecord[] {
    if (!('deadLetter' in reading)) return []
    const { origin, bytes: value, code, message } = reading.deadLetter
    const headers = { ...letter.headers, [REDRIVEN]: String(times) }
    const attempts = letter.attempts + 1
    const more = { value, code, message, origin, attempts, headers, timestamp: Date.now() }
    return [deadLetter({ ...letter, ...more }, topic('dead-letters'), deadLetterKey)]
  }
}
