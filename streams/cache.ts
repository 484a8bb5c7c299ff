import { LRUCache } from 'lru-cache'

export interface CacheOptions {
  /** Entries at most. */
  max?: number
  /** Bytes at most, as the callers of set() count them. */
  maxBytes?: number
  /** For how long an entry is believed. Left out: until it is deleted. */
  ttlMs?: number
}

/** A bounded cache, the least recently used entries of which go first. It counts how often it could answer. */
export interface Cache<V> {
  get(key: string): V | undefined
  /** `bytes` counts where the cache is bounded by bytes. */
  set(key: string, value: V, bytes?: number): void
  delete(key: string): void
  keys(): Iterable<string>
  readonly stats: CacheStats
}

export interface CacheStats {
  readonly entries: number
  readonly hits: number
  readonly misses: number
}

export function createCache<V extends object>({ max, maxBytes, ttlMs }: CacheOptions): Cache<V> {
  const kept = new LRUCache<string, V>({
    ...(max !== undefined && { max }),
    ...(maxBytes !== undefined && { maxSize: maxBytes }),
    ...(ttlMs !== undefined && { ttl: ttlMs }),
  } as LRUCache.Options<string, V, unknown>)
  let hits = 0
  let misses = 0
  return {
    get(key) {
      const value = kept.get(key)
      if (value === undefined) misses++
      else hits++
      return value
    },
    set(key, value, bytes) {
      kept.set(key, value, maxBytes === undefined ? {} : { size: Math.max(1, bytes ?? 1) })
    },
    delete: (key) => void kept.delete(key),
    keys: () => [...kept.keys()],
    get stats() {
      return { entries: kept.size, hits, misses }
    },
  }
}
