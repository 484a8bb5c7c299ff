/** Complete answers without a record of the partition; the first may have been asked for before the watch began. */
const ENOUGH = 3

export interface QuietWatch {
  /** Begins to watch a partition that has an end to reach, and who leads it. No effect if it is watched already. */
  watch(partition: string, leader: string): void
  /** A record of it has come: the watch over it ends. */
  moved(partition: string): void
  /** Leaders may have moved. */
  reset(): void
  /** A fetch from this broker begins: whatever the one before it brought has been handled. */
  fetchBegins(broker: string): void
  /** The broker has answered a fetch with so many bytes. */
  answered(broker: string, bytes: number): void
  /** The answer has been read without error. */
  fetchEnds(broker: string): void
  /** Nothing stands between the position of the partition and the end that was captured before the watch began. */
  isQuiet(partition: string): boolean
}

/**
 * Proves that a partition holds nothing more before its end, although its reader is not there. kafkajs does not move
 * past a batch whose records have all been compacted away (issue 1072), and does not say that it has met one either.
 * What shows it: the partition's leader answers fetch after fetch, with room to spare, and none brings a record of it.
 */
export function quietWatch(quietMs: number, fullBytes: number, now: () => number = Date.now): QuietWatch {
  const watched = new Map<string, { leader: string; since: number; answers: number }>()
  const answeredWithRoom = new Set<string>()
  const readWithRoom = new Set<string>()

  return {
    watch: (partition, leader) => {
      if (!watched.has(partition)) watched.set(partition, { leader, since: now(), answers: 0 })
    },
    moved: (partition) => void watched.delete(partition),
    reset: () => {
      watched.clear()
      answeredWithRoom.clear()
      readWithRoom.clear()
    },
    fetchBegins: (broker) => {
      if (!readWithRoom.delete(broker)) return
      for (const entry of watched.values()) if (entry.leader === broker) entry.answers++
    },
    answered: (broker, bytes) => {
      if (bytes < fullBytes) answeredWithRoom.add(broker)
      else answeredWithRoom.delete(broker)
    },
    fetchEnds: (broker) => {
      if (answeredWithRoom.delete(broker)) readWithRoom.add(broker)
      else readWithRoom.delete(broker)
    },
    isQuiet: (partition) => {
      const entry = watched.get(partition)
      return entry !== undefined && entry.answers >= ENOUGH && now() - entry.since >= quietMs
    },
  }
}
