import { createHash } from 'node:crypto'
import type { KeyedSnapshot } from './snapshot.ts'

/** What the log holds of one state: the hash of each record by its key; '' where it may hold anything. */
export type Published = Record<string, string>

/** What has to be published so that the log holds a state as it is now. */
export interface Publication {
  /** Changed instances, then tombstones of those that have gone, then the marker; empty if nothing has changed. */
  records: { key: string; value: KeyedSnapshot['value'] | null }[]
  /** What the log may hold while they are being published: to be kept first, so that a crash forgets no key. */
  during: Published
  after: Published
}

/** Compares what the log holds with the snapshots of a state, whose last is its marker. */
export function planPublication(before: Published, snapshots: readonly KeyedSnapshot[]): Publication {
  const hashes = new Map(snapshots.map(({ key, value }) => [key, hashOf(value)]))
  const held = new Map(Object.entries(before))
  const changed = snapshots.filter(({ key }) => held.get(key) !== hashes.get(key))
  const gone = [...held.keys()].filter((key) => !hashes.has(key)).map((key) => ({ key, value: null }))
  const marker = snapshots.at(-1)!
  const instances = changed.filter((snapshot) => snapshot !== marker)
  const records = changed.length + gone.length === 0 ? [] : [...instances, ...gone, marker]
  return {
    records,
    during: { ...before, ...Object.fromEntries(records.map(({ key }) => [key, ''])) },
    after: Object.fromEntries(hashes),
  }
}

/** The same keys, of which the log may hold anything: all are published again. */
export function uncertain(published: Published): Published {
  return Object.fromEntries(Object.keys(published).map((key) => [key, '']))
}

/** Serial and time move with every apply; a resource that stays as it is needs no new record for them. */
function hashOf({ source, serial, count, resource }: KeyedSnapshot['value']): string {
  const content = JSON.stringify(resource ? [source, resource] : [source, serial, count])
  return createHash('sha256').update(content).digest('base64url').slice(0, 16)
}
