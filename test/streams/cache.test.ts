import { expect, test, vi } from 'vitest'
import { createCache } from '../../streams/cache.ts'

test('a cache holds so many entries at most, and those longest not asked for go first', () => {
  const cache = createCache<object>({ max: 2 })
  const [a, b, c] = [{}, {}, {}]
  cache.set('a', a)
  cache.set('b', b)
  cache.get('a')
  cache.set('c', c)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([a, undefined, c])
  expect(cache.stats).toEqual({ entries: 2, hits: 3, misses: 1 })
})

test('a cache of so many bytes holds what fits in them', () => {
  const cache = createCache<object>({ maxBytes: 10 })
  cache.set('a', {}, 6)
  cache.set('b', {}, 6)
  expect([...cache.keys()]).toEqual(['b'])
})

test('an entry is believed for its time, however often it is asked for', async () => {
  const cache = createCache<object>({ max: 2, ttlMs: 200 })
  cache.set('a', {})
  expect(cache.get('a')).toBeDefined()
  await vi.waitFor(() => expect(cache.get('a')).toBeUndefined(), { timeout: 5000, interval: 20 })
})

test('what is deleted is forgotten at once', () => {
  const cache = createCache<object>({ max: 2 })
  cache.set('a', {})
  cache.delete('a')
  expect(cache.get('a')).toBeUndefined()
})
