import type { Batch, Tail, TailOptions } from './bus.ts'
import type { EmbeddedLog } from './embedded-log.ts'
import { type Place, startReader } from './embedded-reader.ts'
import type { Logger } from './logger.ts'

const MAX_BATCH = 500

interface Waiter {
  ends: Map<Place, number>
  resolve: () => void
  reject: (error: Error) => void
}

/** As Bus.tail. */
export function runTail(
  { log, logger }: { log: EmbeddedLog; logger: Logger },
  { topics, from, onFatal = () => {} }: TailOptions,
  apply: (batch: Batch) => Promise<void>,
): Tail {
  const waiters = new Set<Waiter>()
  let ended: Error | undefined
  const places = topics.flatMap((topic) =>
    log.requireTopic(topic).partitions.map((partition): Place => {
      const next = Math.min(partition.high, Math.max(partition.low, from(topic, partition.number)))
      return { partition, next, epoch: 0 }
    }),
  )
  const reader = startReader({
    log,
    logger,
    maxBatch: MAX_BATCH,
    start: async () => places,
    turn: (batch, _place, _next, insist) => insist('apply', () => apply(batch)),
    onAdvance: () => {
      for (const waiter of waiters) settle(waiter)
    },
    onFatal: (error) => {
      end(error)
      onFatal(error)
    },
  })

  function settle(waiter: Waiter): void {
    for (const [place, end] of waiter.ends) if (place.next >= end) waiter.ends.delete(place)
    if (waiter.ends.size > 0) return
    waiters.delete(waiter)
    waiter.resolve()
  }

  function end(reason: Error): void {
    ended ??= reason
    for (const { reject } of waiters) reject(reason)
    waiters.clear()
  }

  function caughtUp(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (ended) return reject(ended)
      const waiter = { ends: new Map(places.map((place) => [place, place.partition.high])), resolve, reject }
      waiters.add(waiter)
      settle(waiter)
    })
  }

  async function stop(): Promise<void> {
    end(new Error('the tail has been stopped'))
    await reader.stop()
  }

  return { caughtUp, stop }
}
