import type { InRecord, OutRecord } from '../../streams/bus.ts'
import { topicNamer } from '../service/topic-configs.ts'
import type { OperationContext } from './operation.ts'
import { readTopic } from './read-topic.ts'

/** The header of a record that only says which letter has been redriven. */
const NOTE = 'dlt.redrive-of'

export interface Letters {
  letters: InRecord[]
  /** How often each letter has been redriven, by its id. */
  redrives: ReadonlyMap<string, number>
  /** Throws if there is none of this id, with or without the topic before it. */
  find(id: string): InRecord
}

/** Everything that the dead-letter topic holds now. */
export async function readLetters({ config, bus }: OperationContext): Promise<Letters> {
  const topic = topicNamer(config.bus)('dead-letters')
  const letters: InRecord[] = []
  const redrives = new Map<string, number>()
  if (await bus.describe(topic)) {
    await readTopic(bus, topic, (record) => {
      const of = record.headers[NOTE]
      if (of === undefined) letters.push(record)
      else redrives.set(of, (redrives.get(of) ?? 0) + 1)
    })
  }
  const byId = new Map(letters.map((record) => [letterId(record), record]))
  return {
    letters,
    redrives,
    find(id) {
      const record = byId.get(id) ?? byId.get(`${topic}/${id}`)
      if (record) return record
      throw new Error(`no dead letter ${id}; tfdrift dead-letters list shows those that there are`)
    },
  }
}

/** Where the letter itself stands: TOPIC/PARTITION/OFFSET. */
export function letterId({ topic, partition, offset }: InRecord): string {
  return `${topic}/${partition}/${offset}`
}

/** A note that this letter has been redriven. The letter stays: the topic is a log. */
export function redriveNote(record: InRecord): OutRecord {
  const { topic, partition, key } = record
  return { topic, partition, key, value: null, headers: { [NOTE]: letterId(record) } }
}
