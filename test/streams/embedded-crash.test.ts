import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import type { Bus, InRecord } from '../../streams/bus.ts'
import { embeddedBus, embeddedFamilies } from '../../streams/embedded-bus.ts'
import { memoryStore } from '../../streams/memory-store.ts'
import type { Store } from '../../streams/store.ts'
import { type FaultyStore, faultyStore } from './faulty-store.ts'

const INPUTS = 30

it('W16 handles every record, and publishes what comes of it once, whichever writes the process dies at', async () => {
  const death = fc.record({ atWrite: fc.integer({ min: 1, max: 12 }), stored: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(death, { maxLength: 5 }), async (deaths) => {
      const held = memoryStore(embeddedFamilies)
      let published = 0
      for (const death of [...deaths, { atWrite: Number.POSITIVE_INFINITY, stored: false }]) {
        published = await live(held, death, published)
      }
      const bus = await embeddedBus(held)
      const inputs = numbers(await readAll(bus, 'in'))
      // The publisher does not know whether its last write before a death was stored, and repeats it.
      expect(new Set(inputs).size).toBe(INPUTS)
      expect(inputs.length).toBeLessThanOrEqual(INPUTS + deaths.length)
      expect(numbers(await readAll(bus, 'out'))).toEqual(inputs)
      await bus.close()
    }),
    { numRuns: 40, endOnFailure: true },
  )
})

it('gives every record to one member at a time, in order, however members come, fail and go', async () => {
  const step = fc.constantFrom('publish', 'join', 'leave', 'fail')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const bus = await embeddedBus(memoryStore(embeddedFamilies))
      await bus.ensureTopics([{ name: 'in', partitions: 3, cleanup: 'delete' }])
      const seen: InRecord[] = []
      const busy = new Set<number>()
      const faults: string[] = []
      let published = 0
      let failures = 0
      const join = () =>
        bus.process({ group: 'group', topics: ['in'], maxBatch: 2 }, async ({ partition, records }) => {
          if (busy.has(partition)) faults.push(`partition ${partition} is handled twice at once`)
          busy.add(partition)
          await new Promise(setImmediate)
          busy.delete(partition)
          if (failures > 0) throw new Error(`failure ${failures--}`)
          seen.push(...records)
          return []
        })
      const members = []
      for (const step of steps) {
        if (step === 'publish') {
          await bus.publish(
            Array.from({ length: 5 }, () => ({
              topic: 'in',
              key: null,
              value: Buffer.from(String(published)),
              partition: published++ % 3,
            })),
          )
        } else if (step === 'join') members.push(await join())
        else if (step === 'leave') void members.shift()?.stop()
        else failures = Math.min(1, failures + 1)
      }
      await join()
      await vi.waitFor(
        async () => {
          const ends = (await bus.offsets('in')).map(({ high }) => high)
          expect((await bus.committed('group', 'in')).map(({ offset }) => offset ?? 0)).toEqual(ends)
        },
        { timeout: 10_000, interval: 1 },
      )
      await bus.close()
      expect(faults).toEqual([])
      for (const partition of [0, 1, 2]) {
        const offsets = seen.filter((record) => record.partition === partition).map(({ offset }) => offset)
        expect(offsets).toEqual(offsets.map((_, index) => index))
      }
      expect(seen).toHaveLength(published)
    }),
    { numRuns: 30 },
  )
})

/** One life of the process, on from `published` inputs. Returns how many are published for certain at its end. */
async function live(held: Store, death: FaultyStore['death'], published: number): Promise<number> {
  const store = Object.assign(faultyStore(held), { death })
  let certain = published
  let bus: Bus | undefined
  try {
    bus = await embeddedBus(store)
    await bus.ensureTopics(['in', 'out'].map((name) => ({ name, partitions: 1, cleanup: 'delete' })))
    await bus.process({ group: 'group', topics: ['in'], maxBatch: 4 }, async ({ records }) =>
      records.map(({ key, value }) => ({ topic: 'out', key, value })),
    )
    for (; certain < INPUTS; certain++) {
      await bus.publish([{ topic: 'in', key: null, value: Buffer.from(String(certain)) }])
    }
    await vi.waitFor(
      async () => {
        const ends = (await bus!.offsets('in')).map(({ high }) => high)
        expect(store.dead() || (await bus!.committed('group', 'in')).map(({ offset }) => offset)).toEqual(
          store.dead() || ends,
        )
      },
      { timeout: 10_000, interval: 1 },
    )
  } catch (error) {
    if (!store.dead()) throw error
  }
  // The dead do nothing more; this only ends their timers.
  await bus?.close()
  return certain
}

async function readAll(bus: Bus, topic: string): Promise<InRecord[]> {
  const records: InRecord[] = []
  const tail = await bus.tail({ topics: [topic], from: () => 0 }, async (batch) => {
    records.push(...batch.records)
  })
  await tail.caughtUp()
  await tail.stop()
  return records
}

const numbers = (records: readonly InRecord[]) => records.map(({ value }) => Number(value))
