import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  type Batch,
  type Bus,
  type InRecord,
  type OutRecord,
  type ProcessOptions,
  type Running,
  TopicMismatchError,
} from '../../streams/bus.ts'
import { partitionOf } from '../../streams/partitioner.ts'

export interface OpenBus {
  bus: Bus
  /** Closes the bus and what it stands on. */
  stop(): Promise<void>
}

const DEADLINE_MS = 30_000

/** What every Bus must do. Delivery may take its time; all tests share one bus, each has its own topics and groups. */
export function busContract(name: string, makeBus: () => Promise<OpenBus>): void {
  describe(`the ${name} bus`, { timeout: 2 * DEADLINE_MS }, () => {
    let bus: Bus
    let stopBus: () => Promise<void>
    beforeAll(async () => {
      const made = await makeBus()
      bus = made.bus
      stopBus = made.stop
    }, DEADLINE_MS)
    afterAll(() => stopBus?.(), DEADLINE_MS)

    describe('topics', () => {
      it('are created once, and described', async () => {
        const name = unique('topic')
        expect(await bus.describe(name)).toBeNull()
        expect(await bus.offsets(name)).toEqual([])
        expect(await bus.committed(unique('group'), name)).toEqual([])
        await bus.ensureTopics([{ name, partitions: 3, cleanup: 'compact' }])
        await bus.ensureTopics([{ name, partitions: 3, cleanup: 'compact' }])
        expect(await bus.describe(name)).toMatchObject({
          partitions: 3,
          cleanup: expect.stringContaining('compact'),
        })
        expect(await bus.offsets(name)).toEqual(
          [0, 1, 2].map((partition) => ({ partition, low: 0, high: 0 })),
        )
      })

      it('are refused where they exist with other settings, by name and setting', async () => {
        const name = await topic({ partitions: 2 })
        const differing = [
          [{ name, partitions: 3, cleanup: 'delete' as const }, /partitions is 2, expected 3/],
          [{ name, partitions: 2, cleanup: 'compact' as const }, /cleanup\S* is delete, expected compact/],
        ] as const
        for (const [config, reason] of differing) {
          const refusal = await bus.ensureTopics([config]).then(String, (error) => error)
          expect(refusal).toBeInstanceOf(TopicMismatchError)
          expect(refusal.message).toContain(name)
          expect(refusal.message).toMatch(reason)
        }
      })

      it('that do not exist are refused by publish, process and tail', async () => {
        const missing = unique('missing')
        await expect(bus.publish([record(missing, 'key', 'value')])).rejects.toThrow()
        await expect(
          bus.process({ group: unique('group'), topics: [missing] }, async () => []),
        ).rejects.toThrow()
        await expect(bus.tail({ topics: [missing], from: () => 0 }, async () => {})).rejects.toThrow()
      })

      it('belong to a log with one identity', async () => {
        expect(await bus.clusterId()).toMatch(/\S/)
        expect(await bus.clusterId()).toBe(await bus.clusterId())
      })
    })

    describe('publish', () => {
      it('answers with the place of each record, in the order given', async () => {
        const [first, second] = [await topic({ partitions: 3 }), await topic({ partitions: 2 })]
        const records = range(60).map((n) =>
          record(n % 4 === 0 ? second : first, `key-${n % 7}`, `value-${n}`),
        )
        const positions = await bus.publish(records)
        const held = [...(await readAll(first)), ...(await readAll(second))]
        expect(positions).toHaveLength(records.length)
        for (const [index, position] of positions.entries()) {
          expect(position.topic).toBe(records[index]!.topic)
          expect(held.find((found) => isAt(found, position))?.value).toEqual(records[index]!.value)
        }
        expect(held).toHaveLength(records.length)
      })

      it('takes nothing for an answer when there is nothing to publish', async () => {
        expect(await bus.publish([])).toEqual([])
      })

      it('places a record by its key, unless told where', async () => {
        const name = await topic({ partitions: 5 })
        const keys = range(20).map((n) => `key-${n}`)
        const placed = await bus.publish(keys.map((key) => record(name, key, '')))
        expect(placed.map(({ partition }) => partition)).toEqual(
          keys.map((key) => partitionOf(Buffer.from(key), 5)),
        )
        const told = await bus.publish([{ ...record(name, 'key-0', ''), partition: 4 }])
        expect(told).toEqual([{ topic: name, partition: 4, offset: expect.any(Number) }])
      })

      it('keeps keys, values and headers as they are: absent, empty, binary', async () => {
        const name = await topic()
        const start = Date.now()
        const records: OutRecord[] = [
          { topic: name, key: null, value: Buffer.from('no key') },
          { topic: name, key: Buffer.from('tombstone'), value: null },
          { topic: name, key: Buffer.from('empty'), value: Buffer.alloc(0) },
          { topic: name, key: Buffer.from([0, 255, 128]), value: Buffer.from([255, 0, 254]) },
          {
            topic: name,
            key: Buffer.from('headers'),
            value: null,
            headers: { one: '1', 'zwei-ü': 'ä\n', three: '' },
          },
          { topic: name, key: Buffer.from('large'), value: Buffer.alloc(100_000, 'x') },
        ]
        await bus.publish(records)
        const found = await readAll(name)
        expect(found.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(
          records.map(({ key, value, headers = {} }) => ({ key, value, headers })),
        )
        for (const { timestamp } of found) expect(Math.abs(timestamp - start)).toBeLessThan(DEADLINE_MS)
      })

      it('keeps the order of each key over calls that do not wait for each other', async () => {
        const name = await topic({ partitions: 3 })
        const calls = range(50).map((call) =>
          bus.publish(range(10).map((n) => record(name, `key-${n}`, String(call * 10 + n)))),
        )
        const positions = (await Promise.all(calls)).flat()
        expect(new Set(positions.map(({ partition, offset }) => `${partition}/${offset}`)).size).toBe(500)
        for (const records of groupByKey(await readAll(name)).values()) {
          const values = records.map(({ value }) => Number(value))
          expect(values).toEqual([...values].sort((a, b) => a - b))
          expect(values).toHaveLength(50)
        }
      })

      it('moves the end of the partitions', async () => {
        const name = await topic({ partitions: 2 })
        await bus.publish(range(3).map((n) => ({ ...record(name, 'key', String(n)), partition: 1 })))
        expect(await bus.offsets(name)).toEqual([
          { partition: 0, low: 0, high: 0 },
          { partition: 1, low: 0, high: 3 },
        ])
      })
    })

    describe('tail', () => {
      it('reads from the given positions, in order, and goes on with what comes later', async () => {
        const name = await topic({ partitions: 2 })
        const publish = (from: number, to: number) =>
          bus.publish(
            range(to - from).map((n) => ({
              ...record(name, 'key', String(from + n)),
              partition: (from + n) % 2,
            })),
          )
        await publish(0, 20)
        const seen: InRecord[] = []
        let badBatches = 0
        const from = (_: string, partition: number) => (partition === 0 ? 4 : 0)
        const tail = await bus.tail({ topics: [name], from }, async ({ topic, partition, records, high }) => {
          const astray = records.some((record) => record.topic !== topic || record.partition !== partition)
          if (records.length === 0 || astray || high <= records.at(-1)!.offset) badBatches++
          seen.push(...records)
        })
        await tail.caughtUp()
        await publish(20, 30)
        await tail.caughtUp()
        await tail.stop()
        expect(badBatches).toBe(0)
        expect(valuesOf(seen, 0)).toEqual(
          range(15)
            .slice(4)
            .map((n) => String(2 * n)),
        )
        expect(valuesOf(seen, 1)).toEqual(range(15).map((n) => String(2 * n + 1)))
      })

      it('is caught up at once with empty topics, and reads several', async () => {
        const [first, second] = [await topic(), await topic()]
        const seen: InRecord[] = []
        const tail = await bus.tail({ topics: [first, second], from: () => 0 }, async ({ records }) => {
          seen.push(...records)
        })
        await tail.caughtUp()
        expect(seen).toEqual([])
        await bus.publish([record(first, 'key', 'one'), record(second, 'key', 'two')])
        await tail.caughtUp()
        await tail.stop()
        expect(seen.map(({ topic, value }) => [topic, String(value)]).sort()).toEqual(
          [
            [first, 'one'],
            [second, 'two'],
          ].sort(),
        )
      })

      it('begins within what the log holds, wherever it is told to', async () => {
        const name = await topic()
        await bus.publish([record(name, 'key', 'old')])
        const seen: InRecord[] = []
        const tail = await bus.tail({ topics: [name], from: () => 1_000 }, async ({ records }) => {
          seen.push(...records)
        })
        await tail.caughtUp()
        await bus.publish([record(name, 'key', 'new')])
        await tail.caughtUp()
        await tail.stop()
        expect(valuesOf(seen)).toEqual(['new'])
      })

      it('tries a batch again that could not be applied', async () => {
        const name = await topic()
        await bus.publish(range(5).map((n) => record(name, 'key', String(n))))
        let failures = 2
        const seen: InRecord[] = []
        const tail = await bus.tail({ topics: [name], from: () => 0 }, async ({ records }) => {
          if (failures-- > 0) throw new Error('not yet')
          seen.push(...records)
        })
        await tail.caughtUp()
        await tail.stop()
        expect(valuesOf(seen)).toEqual(['0', '1', '2', '3', '4'])
      })

      it('ends in the newest record of each key of a compacted topic, tombstones among them', async () => {
        const name = await topic({ partitions: 2, cleanup: 'compact' })
        for (const round of range(4)) {
          await bus.publish(range(10).map((n) => record(name, `key-${n}`, `${round}`)))
        }
        await bus.publish([{ topic: name, key: Buffer.from('key-3'), value: null }])
        const fold = new Map<string, string | null>()
        for (const { key, value } of await readAll(name)) fold.set(String(key), value && String(value))
        expect(Object.fromEntries(fold)).toEqual(
          Object.fromEntries(range(10).map((n) => [`key-${n}`, n === 3 ? null : '3'])),
        )
      })
    })

    describe('process', () => {
      it('hands over every record once, in the order of its partition, in batches of the size asked for', async () => {
        const name = await topic({ partitions: 2 })
        await bus.publish(range(40).map((n) => ({ ...record(name, 'key', String(n)), partition: n % 2 })))
        const batches: Batch[] = []
        const member = await run({ topics: [name], maxBatch: 7 }, async (batch) => void batches.push(batch))
        await committedEverything(member.group, name)
        await bus.publish([{ ...record(name, 'key', '40'), partition: 0 }])
        await committedEverything(member.group, name)
        await member.stop()
        const seen = batches.flatMap(({ records }) => records)
        expect(valuesOf(seen, 0)).toEqual(range(21).map((n) => String(2 * n)))
        expect(valuesOf(seen, 1)).toEqual(range(20).map((n) => String(2 * n + 1)))
        for (const { records, high } of batches) {
          expect(records.length).toBeGreaterThan(0)
          expect(records.length).toBeLessThanOrEqual(7)
          expect(high).toBeGreaterThan(records.at(-1)!.offset)
        }
      })

      it('goes on after a restart where it had committed, for each group by itself', async () => {
        const name = await topic()
        const group = unique('group')
        expect(await bus.committed(group, name)).toEqual([{ partition: 0, offset: null }])
        const seen: InRecord[] = []
        const handle = async ({ records }: Batch) => void seen.push(...records)
        for (const text of ['one', 'two']) {
          await bus.publish([record(name, 'key', text)])
          const member = await run({ topics: [name], group }, handle)
          await committedEverything(group, name)
          await member.stop()
        }
        expect(valuesOf(seen)).toEqual(['one', 'two'])
        expect(await bus.committed(group, name)).toEqual([{ partition: 0, offset: 2 }])

        const others: InRecord[] = []
        const other = await run({ topics: [name] }, async ({ records }) => void others.push(...records))
        await committedEverything(other.group, name)
        await other.stop()
        expect(valuesOf(others)).toEqual(['one', 'two'])
      })

      it('publishes what handle returns and tells where, before the next batch', async () => {
        const [input, output] = [await topic(), await topic({ partitions: 3 })]
        await bus.publish(range(10).map((n) => record(input, 'key', String(n))))
        const published: { record: OutRecord; offset: number; partition: number }[] = []
        const steps: string[] = []
        const member = await run(
          {
            topics: [input],
            maxBatch: 5,
            onPublished: async (records, positions) => {
              steps.push('published begins')
              await bus.offsets(input)
              for (const [index, record] of records.entries())
                published.push({ record, ...positions[index]! })
              steps.push('published ends')
            },
          },
          async ({ records }) => {
            steps.push('handle')
            return records.map(({ value }) => record(output, `key-${value}`, `out-${value}`))
          },
        )
        await committedEverything(member.group, input)
        await member.stop()
        const held = await readAll(output)
        expect(valuesOf(held).sort()).toEqual(range(10).map((n) => `out-${n}`))
        for (const { record, partition, offset } of published) {
          expect(
            held.find((found) => found.partition === partition && found.offset === offset)?.value,
          ).toEqual(record.value)
        }
        expect(published).toHaveLength(10)
        const each = ['handle', 'published begins', 'published ends']
        expect(steps).toEqual(range(steps.length / 3).flatMap(() => each))
      })

      it('repeats a batch whose handling fails, and skips nothing', async () => {
        const [input, output] = [await topic(), await topic()]
        await bus.publish(range(6).map((n) => record(input, 'key', String(n))))
        let failures = 3
        const seen: InRecord[] = []
        const member = await run({ topics: [input], maxBatch: 3 }, async ({ records }) => {
          if (records[0]!.offset === 3 && failures-- > 0) throw new Error('not yet')
          seen.push(...records)
          return records.map(({ value }) => record(output, 'key', String(value)))
        })
        await committedEverything(member.group, input)
        await vi.waitFor(() => expect(member.healthy()).toBe(true), DEADLINE_MS)
        await member.stop()
        expect(member.healthy()).toBe(false)
        expect(failures).toBeLessThan(0)
        expect(valuesOf(seen)).toEqual(range(6).map(String))
        expect(valuesOf(await readAll(output))).toEqual(range(6).map(String))
      })

      it('calls onPublished until it succeeds, before it goes on', async () => {
        const [input, output] = [await topic(), await topic()]
        await bus.publish(range(4).map((n) => record(input, 'key', String(n))))
        let failures = 2
        const steps: string[] = []
        const onPublished: NonNullable<ProcessOptions['onPublished']> = async (records) => {
          if (failures-- > 0) throw new Error('not yet')
          steps.push(`published ${records[0]!.value}`)
        }
        const member = await run({ topics: [input], maxBatch: 2, onPublished }, async ({ records }) => {
          steps.push(`handle ${records[0]!.value}`)
          return records.map(({ value }) => record(output, 'key', String(value)))
        })
        await committedEverything(member.group, input)
        await member.stop()
        // The batch may be handled again, but not the next one before its onPublished has succeeded.
        const first = steps.indexOf('published 0')
        expect(first).toBeGreaterThan(0)
        expect(steps.indexOf('handle 2')).toBeGreaterThan(first)
        expect(steps.at(-1)).toBe('published 2')
        expect([...new Set(valuesOf(await readAll(output)))]).toEqual(['0', '1', '2', '3'])
      })

      it('awaits onAssigned before the first batch, until it succeeds', async () => {
        const name = await topic({ partitions: 2 })
        await bus.publish(range(4).map((n) => ({ ...record(name, 'key', String(n)), partition: n % 2 })))
        let failures = 1
        let ready = false
        const assigned: { topic: string; partition: number }[] = []
        const onAssigned: NonNullable<ProcessOptions['onAssigned']> = async (partitions) => {
          await bus.offsets(name)
          if (failures-- > 0) throw new Error('not yet')
          assigned.push(...partitions)
          ready = true
        }
        let tooEarly = 0
        const member = await run({ topics: [name], onAssigned }, async () => {
          if (!ready) tooEarly++
        })
        await committedEverything(member.group, name)
        await member.stop()
        expect(tooEarly).toBe(0)
        expect(assigned).toEqual(
          expect.arrayContaining([
            { topic: name, partition: 0 },
            { topic: name, partition: 1 },
          ]),
        )
      })

      it('finishes and commits the running batch before it stops, and handles no other', async () => {
        const name = await topic()
        await bus.publish(range(10).map((n) => record(name, 'key', String(n))))
        const begun = signal()
        const finish = signal()
        const handled: number[] = []
        const member = await run({ topics: [name], maxBatch: 5 }, async ({ records }) => {
          begun.give()
          await finish.given
          handled.push(records.length)
        })
        await begun.given
        const stopping = member.stop()
        finish.give()
        await stopping
        expect(handled).toHaveLength(1)
        expect(await bus.committed(member.group, name)).toEqual([{ partition: 0, offset: handled[0] }])
      })

      it('stops while a batch keeps failing, and leaves it to the next member', async () => {
        const name = await topic()
        await bus.publish([record(name, 'key', 'value')])
        const failed = signal()
        const failing = await run({ topics: [name] }, async () => {
          failed.give()
          throw new Error('never')
        })
        await failed.given
        await failing.stop()
        expect(await bus.committed(failing.group, name)).toEqual([{ partition: 0, offset: null }])
        const seen: InRecord[] = []
        const next = await run({ topics: [name], group: failing.group }, async ({ records }) => {
          seen.push(...records)
        })
        await committedEverything(next.group, name)
        await next.stop()
        expect(valuesOf(seen)).toEqual(['value'])
      })

      it('tells handle when its batch is to be given up, as another member comes or its own stops', async () => {
        const name = await topic({ partitions: 2 })
        const group = unique('group')
        await bus.publish([record(name, 'key', 'value')])
        /** Waits as long as it may, as a sink does whose peer is away. */
        const waiting = () => {
          const begun = signal()
          const handle = async (_: Batch, over: AbortSignal) => {
            begun.give()
            await new Promise((_, reject) => over.addEventListener('abort', () => reject(over.reason)))
          }
          return { begun: begun.given, handle }
        }
        const [first, second] = [waiting(), waiting()]
        const one = await run({ topics: [name], group }, first.handle)
        await first.begun
        const joined = signal()
        const onAssigned = async () => joined.give()
        const other = await run({ topics: [name], group, onAssigned }, second.handle)
        await joined.given
        await one.stop()
        await second.begun
        await other.stop()
        expect((await bus.committed(group, name)).map(({ offset }) => offset ?? 0)).toEqual([0, 0])
      })

      it('shares the partitions among the members of a group, as they come and go', async () => {
        const name = await topic({ partitions: 4 })
        const group = unique('group')
        const seen: InRecord[] = []
        const busy = new Set<number>()
        const faults: string[] = []
        const owned = new Map<string, Set<number>>()
        const join = (id: string) =>
          run(
            {
              topics: [name],
              group,
              maxBatch: 5,
              onAssigned: async (partitions) =>
                void owned.set(id, new Set(partitions.map((p) => p.partition))),
            },
            async ({ partition, records }) => {
              if (busy.has(partition)) faults.push(`two members handle partition ${partition} at once`)
              if (!owned.get(id)?.has(partition))
                faults.push(`${id} handles ${partition} and was not assigned it`)
              busy.add(partition)
              await bus.clusterId()
              seen.push(...records)
              busy.delete(partition)
            },
          )
        let count = 0
        const publish = () =>
          bus.publish(
            range(40).map(() => ({ ...record(name, 'key', String(count)), partition: count++ % 4 })),
          )

        const first = await join('first')
        await publish()
        const second = await join('second')
        await vi.waitFor(() => {
          expect(owned.get('second')?.size).toBe(2)
          expect(owned.get('first')?.size).toBe(2)
        }, DEADLINE_MS)
        expect(new Set([...owned.get('first')!, ...owned.get('second')!]).size).toBe(4)
        await publish()
        await committedEverything(group, name)
        await first.stop()
        await publish()
        await committedEverything(group, name)
        expect(owned.get('second')?.size).toBe(4)
        await second.stop()

        expect(faults).toEqual([])
        for (const partition of range(4)) {
          const values = [...new Set(valuesOf(seen, partition).map(Number))]
          expect(values).toEqual(range(30).map((n) => 4 * n + partition))
        }
      })
    })

    describe('ticks', () => {
      it('come for each partition without any record, and what they return is published in its order', async () => {
        const [input, output] = [await topic({ partitions: 3 }), await topic()]
        const told: number[] = []
        const published: string[] = []
        const stored: string[][] = []
        const left = new Set([0, 1, 2])
        const member = await run(
          {
            topics: [input],
            onPublished: async (records, positions) => {
              published.push(...records.map(({ value }, i) => `${value} ${positions[i]!.topic}`))
              stored.push(valuesOf(await readAll(output)))
            },
            tick: {
              everyMs: 10,
              async handle({ topic, partition }) {
                if (topic === input) told.push(partition)
                if (!left.delete(partition)) return []
                return ['first', 'second'].map((part) => [record(output, 'key', `${partition} ${part}`)])
              },
            },
          },
          async () => {},
        )
        await vi.waitFor(() => expect(told.length).toBeGreaterThan(8), DEADLINE_MS)
        await member.stop()
        const ended = told.length
        const ticks = range(3).flatMap((n) => [`${n} first`, `${n} second`])
        expect(valuesOf(await readAll(output))).toEqual(published.map((one) => one.split(' ', 2).join(' ')))
        expect([...published].sort()).toEqual(ticks.map((tick) => `${tick} ${output}`))
        // The second list of a partition was not there when the first was.
        const early = stored.filter((values, i) => values.length !== i + 1)
        expect(early).toEqual([])
        expect(told).toHaveLength(ended)
      })

      it('are tried again when they fail, and never run beside a batch of their partition', async () => {
        const name = await topic()
        await bus.publish(range(30).map((n) => record(name, 'key', String(n))))
        let failures = 2
        let busy = 0
        let beside = 0
        let ticks = 0
        const alone = async () => {
          if (++busy > 1) beside++
          await bus.offsets(name)
          busy--
        }
        const seen: InRecord[] = []
        const handle = async () => {
          await alone()
          if (failures-- > 0) throw new Error('not yet')
          ticks++
          return []
        }
        const member = await run(
          { topics: [name], maxBatch: 1, tick: { everyMs: 1, handle } },
          async ({ records }) => {
            await alone()
            seen.push(...records)
          },
        )
        await committedEverything(member.group, name)
        await vi.waitFor(() => expect(ticks).toBeGreaterThan(3), DEADLINE_MS)
        await member.stop()
        expect(beside).toBe(0)
        expect([...new Set(valuesOf(seen))]).toEqual(range(30).map(String))
      })

      it('come to one member for each partition, also where the members change', async () => {
        const name = await topic({ partitions: 4 })
        const group = unique('group')
        const owned = new Map<string, Set<number>>()
        const astray: string[] = []
        const since = new Map<string, number>()
        const join = (id: string) =>
          run(
            {
              topics: [name],
              group,
              onAssigned: async (partitions) => {
                owned.set(id, new Set(partitions.map((p) => p.partition)))
                since.clear()
              },
              tick: {
                everyMs: 5,
                async handle({ partition }) {
                  if (!owned.get(id)?.has(partition)) astray.push(`${id} ${partition}`)
                  since.set(`${id} ${partition}`, (since.get(`${id} ${partition}`) ?? 0) + 1)
                  return []
                },
              },
            },
            async () => {},
          )
        const first = await join('first')
        const second = await join('second')
        await vi.waitFor(() => {
          expect(owned.get('first')?.size).toBe(2)
          expect(owned.get('second')?.size).toBe(2)
          expect([...since.values()].filter((count) => count > 1)).toHaveLength(4)
        }, DEADLINE_MS)
        await first.stop()
        await vi.waitFor(() => {
          expect([...since.keys()].filter((key) => key.startsWith('second'))).toHaveLength(4)
        }, DEADLINE_MS)
        await second.stop()
        expect(astray).toEqual([])
      })
    })

    describe('resetOffsets', () => {
      it('sends a group back to the earliest, to an offset, to a time, or on to the end', async () => {
        const name = await topic()
        const group = unique('group')
        await bus.publish(range(3).map((n) => record(name, 'key', String(n))))
        const between = (await readAll(name)).at(-1)!.timestamp + 1
        await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(between), DEADLINE_MS)
        await bus.publish(range(3).map((n) => record(name, 'key', String(n + 3))))
        const cases = [
          [{ to: 'latest' }, 6],
          [{ to: 'earliest' }, 0],
          [{ to: 'offset', offset: 4 }, 4],
          [{ to: 'offset', offset: 1_000 }, 6],
          [{ to: 'time', time: between }, 3],
          [{ to: 'time', time: 0 }, 0],
          [{ to: 'time', time: Date.now() + 3_600_000 }, 6],
        ] as const
        for (const [to, offset] of cases) {
          await bus.resetOffsets(group, name, to)
          expect(await bus.committed(group, name)).toEqual([{ partition: 0, offset }])
        }
        await bus.resetOffsets(group, name, { to: 'offset', offset: 2 })
        const seen: InRecord[] = []
        const member = await run({ topics: [name], group }, async ({ records }) => void seen.push(...records))
        await committedEverything(group, name)
        await member.stop()
        expect(valuesOf(seen)).toEqual(['2', '3', '4', '5'])
      })

      it('refuses a topic that does not exist', async () => {
        await expect(bus.resetOffsets(unique('group'), unique('topic'), { to: 'earliest' })).rejects.toThrow(
          /does not exist/,
        )
      })
    })

    it('stops every reader when it is closed, and refuses what comes after', async () => {
      const { bus, stop } = await makeBus()
      const name = unique('topic')
      await bus.ensureTopics([{ name, partitions: 1, cleanup: 'delete' }])
      await bus.publish([record(name, 'key', 'value')])
      let working = 0
      const work = async () => {
        working++
        await bus.clusterId()
        working--
      }
      await bus.process({ group: unique('group'), topics: [name] }, async () => {
        await work()
        return []
      })
      const tail = await bus.tail({ topics: [name], from: () => 0 }, work)
      await tail.caughtUp()
      await bus.close()
      expect(working).toBe(0)
      await expect(bus.publish([record(name, 'key', 'value')])).rejects.toThrow()
      await stop()
    })

    async function topic({
      partitions = 1,
      cleanup = 'delete' as 'delete' | 'compact',
    } = {}): Promise<string> {
      const name = unique('topic')
      await bus.ensureTopics([{ name, partitions, cleanup }])
      return name
    }

    /** A member of a group of its own, unless told which; publishes what handle returns if that is a list. */
    async function run(
      { group = unique('group'), ...options }: Omit<ProcessOptions, 'group'> & { group?: string },
      handle: (batch: Batch, over: AbortSignal) => Promise<unknown>,
    ): Promise<Running & { group: string }> {
      const running = await bus.process({ group, ...options }, async (batch, over) => {
        const records = await handle(batch, over)
        return Array.isArray(records) ? records : []
      })
      return { group, stop: () => running.stop(), healthy: () => running.healthy() }
    }

    async function committedEverything(group: string, name: string): Promise<void> {
      const ends = (await bus.offsets(name)).map(({ high }) => high)
      await vi.waitFor(
        async () => {
          const offsets = (await bus.committed(group, name)).map(({ offset }) => offset ?? 0)
          expect(offsets).toEqual(ends)
        },
        { timeout: DEADLINE_MS, interval: 20 },
      )
    }

    async function readAll(name: string): Promise<InRecord[]> {
      const records: InRecord[] = []
      const tail = await bus.tail({ topics: [name], from: () => 0 }, async (batch) => {
        records.push(...batch.records)
      })
      await tail.caughtUp()
      await tail.stop()
      return records
    }
  })
}

const unique = (kind: string) => `${kind}-${randomUUID()}`
const range = (count: number) => Array.from({ length: count }, (_, index) => index)

function record(topic: string, key: string, value: string): OutRecord {
  return { topic, key: Buffer.from(key), value: Buffer.from(value) }
}

function isAt(
  record: InRecord,
  { topic, partition, offset }: { topic: string; partition: number; offset: number },
) {
  return record.topic === topic && record.partition === partition && record.offset === offset
}

function valuesOf(records: readonly InRecord[], partition?: number): string[] {
  const wanted = records.filter((record) => partition === undefined || record.partition === partition)
  return wanted.map(({ value }) => String(value))
}

function groupByKey(records: readonly InRecord[]): Map<string, InRecord[]> {
  const groups = new Map<string, InRecord[]>()
  for (const record of records) {
    const key = String(record.key)
    groups.set(key, [...(groups.get(key) ?? []), record])
  }
  return groups
}

/** Something that one part of a test waits for and another gives. */
function signal(): { given: Promise<void>; give: () => void } {
  let give = () => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}
