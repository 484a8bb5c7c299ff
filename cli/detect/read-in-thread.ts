import { on } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { EventReading } from '../../connectors/sources/read-events.ts'
import { readEventFiles } from '../../connectors/sources/read-files.ts'
import { passesOver } from './passes-over.ts'

/** What the thread is given. */
export interface ThreadInput {
  paths: readonly string[]
  hashKey: Uint8Array
}

/** There is a compiled thread only in what is built; from its sources the program reads by itself. */
const thread = path.join(import.meta.dirname, 'reader-thread.js')

/** One file's records at a time live there: the young generation of the program itself would be wasted. */
const YOUNG_MIB = 16

/** Every reading of the files, made in a thread of its own: unzipping and parsing take as long as judging. */
export async function* readInThread(paths: readonly string[], hashKey: Buffer): AsyncGenerator<EventReading> {
  if (!existsSync(thread)) {
    yield* readEventFiles(paths, { hashKey, passesOver })
    return
  }
  const worker = new Worker(thread, {
    workerData: { paths, hashKey } satisfies ThreadInput,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  })
  try {
    for await (const [batch] of on(worker, 'message', { close: ['exit'] })) {
      yield* batch as EventReading[]
      worker.postMessage('taken')
    }
  } finally {
    await worker.terminate()
  }
}
