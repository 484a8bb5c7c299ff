import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { until } from '../services/until.ts'
import { comparableAlerts, makeSample, oracle, type Sample } from './sample.ts'
import { cannotRun, useScene } from './scene.ts'
import type { ServiceProcess } from './service-process.ts'
import { rowsOfEnded, tableTopics } from './stored-rows.ts'
import { foldOf, wholeTopic } from './whole-topic.ts'

const PARTITIONS = 6
const RESOURCES = 300
/** The service's own promise of how long SIGTERM takes. */
const DRAIN_MS = 25_000
/** The webhook sink has at most so many deliveries under way. */
const IN_FLIGHT = 8
const PATIENT = { deadlineMs: 120_000 }

type Name = 'a' | 'b'
type Config = { bus: { topicPrefix: string } }

const scene = useScene()
let config: Config
let instances: Partial<Record<Name, ServiceProcess>>

beforeEach(() => {
  instances = {}
})

/** `a` has every role, `b` only processes. Each has a data directory of its own, and keeps it. */
async function start(name: Name): Promise<void> {
  instances[name] = await scene.start({
    config: { ...config, dataDir: dataDir(name) },
    args: name === 'b' ? ['--roles', 'process'] : [],
  })
}

async function end(name: Name, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const instance = instances[name]!
  delete instances[name]
  const asked = Date.now()
  instance.kill(signal)
  const code = await instance.exited
  if (signal === 'SIGKILL') return
  expect(code, instance.log()).toBe(0)
  expect(Date.now() - asked).toBeLessThan(DRAIN_MS)
}

const dataDir = (name: Name) => path.join(scene.folder, name)

/** How many partitions of the raw events each of them has been given last. */
function shares(): number[] {
  return Object.values(instances).map((instance) => {
    const joins = instance
      .log()
      .split('\n')
      .filter((line) => line.endsWith('"msg":"joined the group"}'))
      .map((line) => JSON.parse(line) as { group: string; partitions: number })
    return joins.findLast(({ group }) => group === `${config.bus.topicPrefix}processor`)?.partitions ?? 0
  })
}

async function shared(): Promise<void> {
  const isShared = () => {
    const all = shares().reduce((sum, share) => sum + share, 0)
    return (all === PARTITIONS && !shares().includes(0)) || undefined
  }
  await until(`the ${PARTITIONS} partitions are shared out`, isShared, PATIENT)
}

async function delivered(count: number): Promise<void> {
  const isThere = () => (scene.delivered() >= count ? true : undefined)
  await until(`${count} deliveries`, isThere, PATIENT)
}

function drop(files: Sample['files']): void {
  for (const { name, bytes } of files) writeFileSync(path.join(scene.events, name), bytes)
}

describe.skipIf(cannotRun('kafka'))('two instances on Kafka', () => {
  it.each([
    { name: 'a', signal: 'SIGTERM', repeats: 0 },
    { name: 'b', signal: 'SIGTERM', repeats: 0 },
    { name: 'a', signal: 'SIGKILL', repeats: IN_FLIGHT },
    { name: 'b', signal: 'SIGKILL', repeats: 0 },
  ] as const)(
    'share the work, and lose nothing when $name ends by $signal',
    { timeout: 240_000 },
    async ({ name, signal, repeats }) => {
      const sample = makeSample(scene.folder, { events: 600, resources: RESOURCES, seed: 31 })
      const expected = comparableAlerts(await oracle(sample, scene.folder))
      config = scene.config('kafka', sample.state) as Config
      await start('a')
      await start('b')
      await shared()

      drop(sample.files.slice(0, 5))
      await delivered(expected.length / 10)
      await end(name, signal)
      drop(sample.files.slice(5))
      // The other one has all the work now; but only `a` reads the folder and delivers.
      if (name === 'b') await delivered(expected.length)
      await start(name)
      await shared()
      await delivered(expected.length)
      await end('a', 'SIGTERM')
      await end('b', 'SIGTERM')

      const { hits } = scene.receiver
      expect(comparableAlerts(hits.map(({ alert }) => alert))).toEqual(expected)
      expect(scene.delivered()).toBe(expected.length)
      expect(scene.repeats()).toBeLessThanOrEqual(repeats)
      const state = foldOf(await wholeTopic(`${config.bus.topicPrefix}${tableTopics.state}`))
      expect([...state.keys()].filter((key) => !key.startsWith('__sync|'))).toHaveLength(RESOURCES)
      for (const each of ['a', 'b'] as const) {
        expect(await rowsOfEnded(dataDir(each), 'state')).toEqual(state)
      }
    },
  )
})
