/** The thread of readInThread: posts the readings in batches, so many ahead of what has been taken. */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import type { EventReading } from '../../connectors/sources/read-events.ts'
import { readEventFiles } from '../../connectors/sources/read-files.ts'
import { passesOver } from './passes-over.ts'
import type { ThreadInput } from './read-in-thread.ts'

const BATCH = 500
const BATCHES_AHEAD = 8

const port = parentPort!
const { paths, hashKey } = workerData as ThreadInput
let ahead = 0
let batch: EventReading[] = []
port.on('message', () => void ahead--)

async function post(): Promise<void> {
  while (ahead >= BATCHES_AHEAD) await once(port, 'message')
  ahead++
  port.postMessage(batch)
  batch = []
}

for await (const reading of readEventFiles(paths, { hashKey: Buffer.from(hashKey), passesOver })) {
  batch.push(reading)
  if (batch.length === BATCH) await post()
}
await post()
port.close()
