import type { PartitionOffsets } from './bus.ts'

export interface TopicOffsets extends PartitionOffsets {
  topic: string
}

/** How far one partition has been read. */
export interface Place {
  topic: string
  partition: number
  /** The next offset to apply. */
  next: number
  /** Where the client reads on: what begins below it comes from a log that has been cut back or made anew. */
  read: number
}

/** The places of a tail, and those who wait for them to reach an end. */
export interface Places {
  get(topic: string, partition: number): Place
  /** Never back. */
  moveTo(place: Place, next: number): void
  /** Resolves when every partition has come to its `high`; rejects when given up. */
  reach(ends: readonly TopicOffsets[]): Promise<void>
  giveUp(reason: Error): void
}

export function createPlaces(
  start: readonly TopicOffsets[],
  from: (topic: string, partition: number) => number,
): Places {
  const places = new Map<string, Place>()
  const waiting = new Set<Waiter>()
  let reasonToGiveUp: Error | undefined
  for (const { topic, partition, low, high } of start) {
    const next = Math.min(high, Math.max(low, from(topic, partition)))
    places.set(`${topic}/${partition}`, { topic, partition, next, read: next })
  }

  function get(topic: string, partition: number): Place {
    const key = `${topic}/${partition}`
    // A partition that has been added since the start is read from its beginning.
    const place = places.get(key) ?? { topic, partition, next: 0, read: 0 }
    places.set(key, place)
    return place
  }

  function moveTo(place: Place, next: number): void {
    place.next = Math.max(place.next, next)
    for (const waiter of waiting) if (isThere(waiter)) waiting.delete(waiter)
  }

  function reach(ends: readonly TopicOffsets[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (reasonToGiveUp) return reject(reasonToGiveUp)
      const missing = new Map(ends.map(({ topic, partition, high }) => [get(topic, partition), high]))
      const waiter = { missing, resolve, reject }
      if (!isThere(waiter)) waiting.add(waiter)
    })
  }

  function giveUp(reason: Error): void {
    reasonToGiveUp ??= reason
    for (const { reject } of waiting) reject(reason)
    waiting.clear()
  }

  return { get, moveTo, reach, giveUp }
}

interface Waiter {
  missing: Map<Place, number>
  resolve: () => void
  reject: (reason: Error) => void
}

function isThere({ missing, resolve }: Waiter): boolean {
  for (const [place, end] of missing) if (place.next >= end) missing.delete(place)
  if (missing.size > 0) return false
  resolve()
  return true
}
