import { expect } from 'vitest'
import type { ServiceContext } from '../../cli/service/service-context.ts'
import { loadMappings } from '../../mappings/index.ts'
import { keysOf } from '../../processors/identity.ts'
import { stateRow } from '../../processors/state-row.ts'
import { storedRows, type TableName, tableTopics } from './stored-rows.ts'
import { foldOf, type WholeTopicRecord, wholeTopic } from './whole-topic.ts'

const tableNames = Object.keys(tableTopics) as TableName[]

/** All that the topics of the tables hold, as a stranger reads it. */
export type Topics = Record<TableName, WholeTopicRecord[]>

export async function readTopics({ topic }: Pick<ServiceContext, 'topic'>): Promise<Topics> {
  const read = async (name: TableName) => [name, await wholeTopic(topic(tableTopics[name]))]
  return Object.fromEntries(await Promise.all(tableNames.map(read)))
}

/** Each table holds the newest record of every key of its topic and nothing else, and finds it. */
export async function expectTablesToHold(
  { tables, codecs }: Pick<ServiceContext, 'tables' | 'codecs'>,
  topics: Topics,
): Promise<void> {
  for (const name of tableNames) {
    const fold = foldOf(topics[name])
    // What waits is there for a time only.
    if (name !== 'pending' && name !== 'outbox') expect(fold.size).toBeGreaterThan(0)
    expect(await storedRows(tables.store, name)).toEqual(fold)
  }
  const [statuses, deliveries] = [foldOf(topics.alertStatus), foldOf(topics.deliveries)]
  expect(await tables.findStatus([...statuses.keys()])).toEqual(
    await Promise.all([...statuses.values()].map(codecs.alertStatus.decode)),
  )
  expect(await tables.findDeliveries([...deliveries.keys()])).toEqual(
    await Promise.all([...deliveries.values()].map(codecs.delivery.decode)),
  )
  await expectNames({ tables, codecs }, topics.state)
}

/** Every name that a resource has, or has ever had, leads to the rows that have it now. */
async function expectNames(
  { tables, codecs }: Pick<ServiceContext, 'tables' | 'codecs'>,
  records: readonly WholeTopicRecord[],
): Promise<void> {
  const mappings = loadMappings()
  const newest = foldOf(records)
  const rowsByName = new Map<string, Set<string>>()
  for (const { key, value } of records) {
    const row = value && stateRow(key, await codecs.stateSnapshot.decode(value))
    for (const name of row ? keysOf(row, mappings) : []) {
      const rows = rowsByName.get(name) ?? new Set()
      rowsByName.set(name, newest.get(key)?.equals(value!) ? rows.add(key) : rows)
    }
  }
  const found = await tables.findRows([...rowsByName.keys()])
  const keys = found.map((rows) => rows.map(({ key }) => key).sort())
  expect(keys).toEqual([...rowsByName.values()].map((rows) => [...rows].sort()))
}
