import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Load, writeLoad } from '../../bench/load.ts'
import { rawEventKey } from '../../schemas/raw-event-key.ts'
import { partitionOf } from '../../streams/partitioner.ts'

const RESOURCES = 3_000
const EVENTS = 2_000
const dir = mkdtempSync(path.join(tmpdir(), 'tfdrift-load-'))
let load: Load
beforeAll(async () => {
  load = await writeLoad(dir, { resources: RESOURCES, events: EVENTS })
})
afterAll(() => rmSync(dir, { recursive: true }))

const states = () =>
  load.states.map(({ path: file, account }) => ({ account, text: readFileSync(file, 'utf8') }))
const events = () => [...load.events(Buffer.alloc(32))]

test('the states hold all resources, each state those of one account, under a lineage of its own', () => {
  const all = states().map(({ account, text }) => ({ account, text, ...JSON.parse(text) }))
  expect(all.flatMap(({ resources }) => resources)).toHaveLength(RESOURCES)
  expect(new Set(all.map(({ lineage }) => lineage)).size).toBe(all.length)
  for (const { account, text } of all) {
    expect(new Set(text.match(/(?<=arn:aws:\w+:[\w-]*:)\d{12}/g))).toEqual(new Set([account]))
  }
})

test('an event on a resource is recorded in the account whose state holds the resource', () => {
  const texts = new Map(states().map(({ account, text }) => [account, text]))
  const named = events().flatMap(({ account, payload }) => {
    const [id] = /(?<=")orders-\d+(?=")|(?<=")(i|vol|sg)-0{9}[0-9a-f]{8}(?=")/.exec(payload) ?? []
    return id === undefined ? [] : [texts.get(account)!.includes(`"${id}"`)]
  })
  expect(named.length).toBeGreaterThan(EVENTS / 2)
  expect(named.filter((held) => !held)).toHaveLength(0)
})

test('no two events are the same call, and every one of six partitions gets its share', () => {
  const all = events()
  expect(new Set(all.map(({ eventId }) => eventId)).size).toBe(EVENTS)
  const counts = [0, 0, 0, 0, 0, 0]
  for (const event of all) counts[partitionOf(Buffer.from(rawEventKey(event)), 6)]! += 1
  expect(Math.min(...counts)).toBeGreaterThan(EVENTS / 12)
})
