import { setTimeout as sleep } from 'node:timers/promises'

/** A partition that a member has. */
export interface Place {
  topic: string
  partition: number
}

export function nameOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`
}

export interface TicksOptions {
  everyMs: number
  places: readonly Place[]
  /** Before this nothing is done. */
  ready: Promise<void>
  /** Ends it, and every work that fails by it. */
  over: AbortSignal
  work: (place: Place) => Promise<void>
}

/** Does the work for each place, one after the other, again and again. Resolves when it is over. */
export async function ticks({ everyMs, places, ready, over, work }: TicksOptions): Promise<void> {
  try {
    await ready
    while (!over.aborted) {
      await sleep(everyMs, undefined, { signal: over, ref: false })
      for (const place of places) if (!over.aborted) await work(place)
    }
  } catch (error) {
    if (!over.aborted) throw error
  }
}
