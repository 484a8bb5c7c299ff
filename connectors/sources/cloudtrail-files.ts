import { access, constants, readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import type { Check } from '../check.ts'
import type { Source, SourceContext } from '../source.ts'
import { MAX_FILE_BYTES, tooLarge } from './decompress.ts'
import { FileBatch } from './file-batch.ts'
import { FilePositions } from './file-positions.ts'
import { type FoundFile, listFiles } from './list-files.ts'
import { type NextLook, type Polling, poll } from './poll.ts'
import { deadLetter, type EventReading, readEvents } from './read-events.ts'

const KIND = 'cloudtrail-files'

export const cloudtrailFilesConfig = z.strictObject({
  /** Files, and folders with their subfolders. */
  paths: z.array(z.string()).min(1),
  /** Whether to go on as new files arrive. */
  watch: z.boolean().default(false),
})

export interface CloudtrailFilesOptions extends z.output<typeof cloudtrailFilesConfig> {
  hashKey: Buffer
  /** How often the folders are looked through, and how long a file must rest before it counts as complete. */
  pollMs: number
}

/**
 * Reads the events in files, in any form that readEvents knows. A file that changes is read again from its start;
 * the ids of its events make that harmless. What is already read is kept per file, so that a restart goes on where
 * it was, to within one batch.
 */
export function cloudtrailFiles(options: CloudtrailFilesOptions): Source {
  let polling: Polling | null = null
  return {
    async start(context) {
      for (const path of options.paths) await ensureReadable(path)
      const reader = new FilesReader(options, context)
      const { log } = context
      polling = poll((signal) => reader.look(signal), { intervalMs: options.pollMs, name: KIND, log })
    },
    async stop() {
      await polling?.stop()
    },
    healthy: () => polling?.healthy() ?? false,
  }
}

/** Whether the files and folders are there. */
export function checkCloudtrailFiles({ paths }: z.output<typeof cloudtrailFilesConfig>): Promise<Check[]> {
  return Promise.all(
    paths.map(async (path): Promise<Check> => {
      const what = `events in ${path}`
      try {
        await access(path, constants.R_OK)
        return { what, ok: true }
      } catch (error) {
        const problem = `cannot be read (${(error as NodeJS.ErrnoException).code})`
        return { what, ok: false, problem, fix: 'create it, let this user read it, or correct paths' }
      }
    }),
  )
}

async function ensureReadable(path: string): Promise<void> {
  await stat(path).catch((error) => {
    throw unreadablePlace(path, error)
  })
}

function unreadablePlace(path: string, { code }: NodeJS.ErrnoException): Error {
  const why = code === 'ENOENT' ? 'there is no such file or folder' : `it cannot be read (${code})`
  return new Error(`${KIND}: paths: ${path}: ${why}; create it, or correct the path`)
}

class FilesReader {
  readonly #options: CloudtrailFilesOptions
  readonly #context: SourceContext
  readonly #positions: FilePositions
  /** Files that could not be read, and have been logged. */
  readonly #unreadable = new Set<string>()

  constructor(options: CloudtrailFilesOptions, context: SourceContext) {
    this.#options = options
    this.#context = context
    this.#positions = new FilePositions(context.positions)
  }

  /** Reads all that is new, once. Throws at the end if one of the paths could not be looked through. */
  async look(signal: AbortSignal): Promise<NextLook> {
    const batch = new FileBatch(this.#context, this.#positions)
    const faults: unknown[] = []
    for await (const file of this.#files(faults)) {
      if (signal.aborted) return 'done'
      if (this.#isComplete(file)) await this.#read(file, batch, signal)
    }
    if (!signal.aborted) await batch.flush()
    if (faults.length > 0) throw faults[0]
    return this.#options.watch ? 'again' : 'done'
  }

  async *#files(faults: unknown[]): AsyncGenerator<FoundFile> {
    for (const root of this.#options.paths) {
      try {
        yield* listFiles(root)
      } catch (error) {
        faults.push(unreadablePlace(root, error as NodeJS.ErrnoException))
      }
    }
  }

  /** Files that are being written change; one that has just been written may not be whole. */
  #isComplete(file: FoundFile): boolean {
    return !this.#options.watch || Math.abs(Date.now() - file.mtimeMs) >= this.#options.pollMs
  }

  async #read(file: FoundFile, batch: FileBatch, signal: AbortSignal): Promise<void> {
    const position = await this.#positions.of(file)
    if (position.done) return
    const readings = await this.#open(file)
    if (!readings) return
    let records = 0
    for (const reading of readings) {
      records++
      if (records <= position.records) continue
      batch.add(reading)
      if (!batch.full) continue
      batch.move(file.path, { ...position, records })
      await batch.flush()
      if (signal.aborted) return
    }
    batch.move(file.path, { ...position, records, done: true })
  }

  async #open(file: FoundFile): Promise<Iterable<EventReading> | null> {
    if (file.size > MAX_FILE_BYTES) return [deadLetter(tooLarge(), file.path, Buffer.alloc(0))]
    try {
      const bytes = await readFile(file.path)
      this.#unreadable.delete(file.path)
      const { hashKey } = this.#options
      return await readEvents(bytes, { origin: file.path, receivedAt: Date.now(), hashKey })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT' && !this.#unreadable.has(file.path)) {
        this.#unreadable.add(file.path)
        this.#context.log.warn({ path: file.path, code }, 'cannot read this file; allow it to be read')
      }
      return null
    }
  }
}
