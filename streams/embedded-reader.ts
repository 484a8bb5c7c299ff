import type { Batch } from './bus.ts'
import type { EmbeddedLog, Page } from './embedded-log.ts'
import type { Partition } from './embedded-topics.ts'
import type { Logger } from './logger.ts'
import { persist } from './persist.ts'
import { StoreError } from './store.ts'

/** How far one partition has been read. */
export interface Place {
  readonly partition: Partition
  next: number
  /** Raised whenever somebody else moves the place: what was read before that counts no more. */
  epoch: number
}

export interface Reader {
  /** False before the start has succeeded, and while a step fails and is tried again. */
  healthy(): boolean
  /** This place has been moved: what is under way for it ends with its present try. */
  moved(place: Place): void
  /** Resolves when what is under way has ended with its present try. Nothing runs any more then. */
  stop(): Promise<void>
}

export interface ReaderOptions {
  log: EmbeddedLog
  logger: Logger
  maxBatch: number
  /** Runs before the first batch, and says where to begin. */
  start: (insist: Insist) => Promise<Place[]>
  /** Handles a batch. The place is advanced when it resolves, unless it has been moved meanwhile. */
  turn: (batch: Batch, place: Place, next: number, insist: Insist) => Promise<void>
  /** Work that each partition has as time passes. */
  tick?: { everyMs: number; run: (place: Place, insist: Insist) => Promise<void> } | undefined
  onAdvance?: () => void
  onFatal: (error: Error) => void
}

/**
 * Repeats a step, with growing pauses, until it succeeds; throws if the reader is stopped or the place moved meanwhile,
 * which the signal tells.
 */
export type Insist = <T>(step: string, work: (signal: AbortSignal) => Promise<T>) => Promise<T>

/** Reads partitions in turn, one batch at a time, and sleeps while there is nothing to read. */
export function startReader(options: ReaderOptions): Reader {
  const { log, logger, maxBatch, tick, onAdvance = () => {} } = options
  let wake = () => {}
  const stopListening = log.onAppend(() => wake())
  let places: Place[] | undefined
  let stopped = false
  let failing = false
  let nextTick = Date.now() + (tick?.everyMs ?? 0)
  let present: { place: Place | null; over: AbortController } = { place: null, over: new AbortController() }

  const insist: Insist = (step, work) => {
    const { place, over } = present
    const fields = {
      step,
      topic: place?.partition.topic.name,
      partition: place?.partition.number,
      offset: place?.next,
    }
    return persist(
      async () => {
        try {
          const result = await work(over.signal)
          failing = false
          return result
        } catch (error) {
          failing = true
          if (error instanceof StoreError && error.code === 'CORRUPT') fail(error)
          throw error
        }
      },
      {
        signal: over.signal,
        onFailure: (err, attempt, waitMs) =>
          logger.warn({ ...fields, attempt, waitMs, err }, 'a step has failed and will be tried again'),
      },
    )
  }

  /** Does something for one partition; it ends early if the reader stops or the place is moved. */
  async function at(place: Place, work: () => Promise<void>): Promise<void> {
    present = { place, over: new AbortController() }
    try {
      await work()
    } catch (error) {
      if (!present.over.signal.aborted) throw error
    }
  }

  async function visit(place: Place): Promise<void> {
    const { epoch, partition } = place
    const page: Page = await insist('read', () => log.read(partition, place.next, maxBatch))
    if (place.epoch !== epoch) return
    const { records, next, high } = page
    const batch = { topic: partition.topic.name, partition: partition.number, records, high }
    if (records.length > 0) await options.turn(batch, place, next, insist)
    if (place.epoch === epoch) place.next = next
    onAdvance()
  }

  async function tickIfTime(all: readonly Place[]): Promise<void> {
    if (!tick || Date.now() < nextTick) return
    for (const place of all) if (!stopped) await at(place, () => tick.run(place, insist))
    nextTick = Date.now() + tick.everyMs
  }

  /** Until there is something to do. */
  async function sleep(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      wake = resolve
      if (tick) timer = setTimeout(resolve, Math.max(0, nextTick - Date.now()))
    })
    clearTimeout(timer)
  }

  async function run(): Promise<void> {
    try {
      places = await options.start(insist)
      while (!stopped) {
        const waiting = places.filter(({ next, partition }) => next < partition.high)
        for (const place of waiting) if (!stopped) await at(place, () => visit(place))
        await tickIfTime(places)
        if (!stopped && !places.some(({ next, partition }) => next < partition.high)) await sleep()
      }
    } catch (error) {
      if (!stopped) fail(error as Error)
    } finally {
      stopListening()
    }
  }

  function fail(error: Error): void {
    halt()
    options.onFatal(error)
  }

  function halt(): void {
    stopped = true
    present.over.abort()
    wake()
  }

  function moved(place: Place): void {
    if (present.place === place) present.over.abort()
    wake()
  }

  const done = run()
  return {
    healthy: () => places !== undefined && !stopped && !failing,
    moved,
    stop: () => {
      halt()
      return done
    },
  }
}
