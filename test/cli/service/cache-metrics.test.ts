import { expect, test } from 'vitest'
import { cacheMetrics } from '../../../cli/service/cache-metrics.ts'
import { createCache } from '../../../streams/cache.ts'
import { createMetrics } from '../../../streams/metrics.ts'

test('the size of a cache and how often it could answer are metrics, which tell each request once', async () => {
  const metrics = createMetrics()
  const rules = createCache<object>({ max: 5 })
  const observe = cacheMetrics(metrics, { rules })
  const shown = async () => {
    observe()
    return (await metrics.render()).split('\n').filter((line) => line.startsWith('tfdrift_cache_'))
  }
  expect(await shown()).toEqual([
    'tfdrift_cache_entries{cache="rules"} 0',
    'tfdrift_cache_requests_total{cache="rules",result="hit"} 0',
    'tfdrift_cache_requests_total{cache="rules",result="miss"} 0',
  ])
  rules.get('a')
  rules.set('a', {})
  rules.get('a')
  await shown()
  rules.get('a')
  expect(await shown()).toEqual([
    'tfdrift_cache_entries{cache="rules"} 1',
    'tfdrift_cache_requests_total{cache="rules",result="hit"} 2',
    'tfdrift_cache_requests_total{cache="rules",result="miss"} 1',
  ])
})
