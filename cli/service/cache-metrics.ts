import type { CacheOptions, CacheStats } from '../../streams/cache.ts'
import type { Metrics } from '../../streams/metrics.ts'

/** Brings the metrics of these caches up to date whenever it is called. Counting each request there would cost more than it. */
export function cacheMetrics(
  metrics: Pick<Metrics, 'cacheEntries' | 'cacheRequestsTotal'>,
  caches: Readonly<Record<string, { readonly stats: CacheStats }>>,
): () => void {
  const told = new Map<string, CacheStats>()
  return function observe() {
    for (const [cache, { stats }] of Object.entries(caches)) {
      const { hits, misses } = told.get(cache) ?? { hits: 0, misses: 0 }
      metrics.cacheEntries.set({ cache }, stats.entries)
      metrics.cacheRequestsTotal.inc({ cache, result: 'hit' }, stats.hits - hits)
      metrics.cacheRequestsTotal.inc({ cache, result: 'miss' }, stats.misses - misses)
      told.set(cache, stats)
    }
  }
}

/** The limits that the configuration sets. */
export function limitsOf({ max, ttl }: { max: number; ttl: number }): CacheOptions {
  return { max, ttlMs: ttl }
}
