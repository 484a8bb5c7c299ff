import type { PositionStore } from '../../connectors/source.ts'
import type { Store } from '../../streams/store.ts'

/** The column family of the sources' positions. */
export const POSITIONS = 'positions'

/** The positions of sources, kept in a local store. */
export function storedPositions(store: Store): PositionStore {
  return {
    async get(key) {
      const [value] = await store.getMany(POSITIONS, [key])
      return value?.toString() ?? null
    },
    set: (key, value) => store.apply([{ family: POSITIONS, key, value: Buffer.from(value) }]),
  }
}
