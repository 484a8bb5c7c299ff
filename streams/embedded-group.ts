import { META, metaKeys } from './embedded-format.ts'
import type { EmbeddedLog } from './embedded-log.ts'
import type { Place } from './embedded-reader.ts'
import type { Partition } from './embedded-topics.ts'
import type { Store, Write } from './store.ts'

/** What a group asks of its members. */
export interface GroupMember {
  readonly topics: readonly string[]
  assign(places: Partition[]): void
  /** Resolves when nothing of the last assignment runs any more. */
  revoke(): Promise<void>
  /** The place has been moved by somebody else. */
  moved(place: Place): void
}

/** A consumer group: shares partitions among its members and keeps the places that they have reached. */
export interface Group {
  join(member: GroupMember): void
  /** Resolves when the member has ended what it was doing. */
  leave(member: GroupMember): Promise<void>
  /** The places of these partitions at what is committed, else at the beginning. */
  load(partitions: readonly Partition[]): Promise<Place[]>
  committed(partitions: readonly Partition[]): Promise<(number | null)[]>
  /** The write that commits a place. */
  commit(partition: Partition, next: number): Write
  /** Commits new places, from which running members go on; what they have under way is not committed any more. */
  reset(targets: readonly { partition: Partition; offset: number }[]): Promise<void>
}

export function createGroup(name: string, log: EmbeddedLog, store: Store): Group {
  const members = new Set<GroupMember>()
  const places = new Map<Partition, Place>()
  /** Of members that have left but may still be at work. */
  const leaving = new Set<Promise<void>>()
  let shared = Promise.resolve()

  function join(member: GroupMember): void {
    members.add(member)
    share()
  }

  async function leave(member: GroupMember): Promise<void> {
    members.delete(member)
    const gone = member.revoke()
    leaving.add(gone)
    share()
    await gone
    leaving.delete(gone)
  }

  /** No member is given a partition before everybody has put down what he had. */
  function share(): void {
    shared = shared.then(async () => {
      await Promise.all([...leaving, ...[...members].map((member) => member.revoke())])
      for (const [member, partitions] of shares([...members], log)) member.assign(partitions)
    })
  }

  function placeOf(partition: Partition): Place {
    const place = places.get(partition) ?? { partition, next: partition.low, epoch: 0 }
    places.set(partition, place)
    return place
  }

  async function load(partitions: readonly Partition[]): Promise<Place[]> {
    const found = partitions.map((partition) => ({
      place: placeOf(partition),
      epoch: placeOf(partition).epoch,
    }))
    const offsets = await committed(partitions)
    return found.map(({ place, epoch }, index) => {
      if (place.epoch === epoch) place.next = offsets[index] ?? place.partition.low
      return place
    })
  }

  async function committed(partitions: readonly Partition[]): Promise<(number | null)[]> {
    const keys = partitions.map(({ topic, number }) => metaKeys.committed(name, topic.name, number))
    return (await store.getMany(META, keys)).map((offset) => (offset ? Number(offset) : null))
  }

  function commit({ topic, number }: Partition, next: number): Write {
    return {
      family: META,
      key: metaKeys.committed(name, topic.name, number),
      value: Buffer.from(String(next)),
    }
  }

  async function reset(targets: readonly { partition: Partition; offset: number }[]): Promise<void> {
    await log.append([], () => {
      for (const { partition } of targets) placeOf(partition).epoch++
      return targets.map(({ partition, offset }) => commit(partition, offset))
    })
    for (const { partition, offset } of targets) {
      const place = placeOf(partition)
      place.next = offset
      // Once more, for a batch that was begun from the old place while this was being written.
      place.epoch++
      for (const member of members) member.moved(place)
    }
  }

  return { join, leave, load, committed, commit, reset }
}

/** Partition n of every topic goes to the same member, in the order in which they joined. */
function shares(members: readonly GroupMember[], log: EmbeddedLog): Map<GroupMember, Partition[]> {
  const given = new Map<GroupMember, Partition[]>(members.map((member) => [member, []]))
  for (const name of new Set(members.flatMap(({ topics }) => topics))) {
    const readers = members.filter(({ topics }) => topics.includes(name))
    for (const partition of log.requireTopic(name).partitions) {
      given.get(readers[partition.number % readers.length]!)!.push(partition)
    }
  }
  return given
}
