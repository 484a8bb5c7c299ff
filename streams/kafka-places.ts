import type { Ends } from './kafka-ends.ts'

/** How far one partition has been read. */
export interface Place {
  topic: string
  partition: number
  /** The next offset to apply. */
  next: number
  /** Where the client reads on: what begins below it comes from a log that has been cut back or made anew. */
  read: number
  /** The farthest end that someone waits for. */
  end: number
}

/** The places of a tail, and those who wait for them to reach an end. */
export interface Places {
  get(topic: string, partition: number): Place
  moveTo(place: Place, next: number): void
  /** The places that have not reached their ends. */
  behind(): Place[]
  /** Resolves when every partition has come to its end; rejects when given up. */
  reach(ends: Ends): Promise<void>
  giveUp(reason: Error): void
}

export function createPlaces(start: Ends, from: (topic: string, partition: number) => number): Places {
  const places = new Map<string, Place>()
  const waiting = new Set<{
    ends: Map<Place, number>
    resolve: () => void
    reject: (reason: Error) => void
  }>()
  let given: Error | undefined
  for (const { topic, partition, low, high } of start.partitions) {
    const next = Math.min(high, Math.max(low, from(topic, partition)))
    places.set(`${topic}/${partition}`, { topic, partition, next, read: next, end: high })
  }

  function get(topic: string, partition: number): Place {
    const key = `${topic}/${partition}`
    // A partition added since the start is read from its beginning.
    const place = places.get(key) ?? { topic, partition, next: 0, read: 0, end: 0 }
    places.set(key, place)
    return place
  }

  function moveTo(place: Place, next: number): void {
    place.next = Math.max(place.next, next)
    for (const waiter of waiting) settle(waiter.ends) && waiting.delete(waiter) && waiter.resolve()
  }

  function reach({ partitions }: Ends): Promise<void> {
    const ends = new Map<Place, number>()
    for (const { topic, partition, high } of partitions) {
      const place = get(topic, partition)
      place.end = Math.max(place.end, high)
      ends.set(place, high)
    }
    return new Promise((resolve, reject) => {
      if (given) reject(given)
      else if (settle(ends)) resolve()
      else waiting.add({ ends, resolve, reject })
    })
  }

  function giveUp(reason: Error): void {
    given ??= reason
    for (const { reject } of waiting) reject(reason)
    waiting.clear()
  }

  return {
    get,
    moveTo,
    reach,
    giveUp,
    behind: () => [...places.values()].filter(({ next, end }) => next < end),
  }
}

function settle(ends: Map<Place, number>): boolean {
  for (const [place, end] of ends) if (place.next >= end) ends.delete(place)
  return ends.size === 0
}
