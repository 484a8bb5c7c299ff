import path from 'node:path'
import { openRocksStore } from '../../streams/rocks-store.ts'
import type { Store } from '../../streams/store.ts'
import { familiesOf, tableFamilies } from '../../streams/table-families.ts'
import { valueOfRow } from '../../streams/table-row.ts'

/** The topics of the service's tables, by the names of the tables. */
export const tableTopics = {
  state: 'state-snapshot',
  alertStatus: 'alert-status',
  deliveries: 'deliveries',
  pending: 'pending-changes',
  windows: 'count-windows',
  outbox: 'outbox',
} as const

export type TableName = keyof typeof tableTopics

/** The rows that a table has in a store, as they are stored. */
export async function storedRows(store: Store, table: TableName): Promise<Map<string, Buffer>> {
  const rows = new Map<string, Buffer>()
  for await (const { key, value } of store.iterate(familiesOf(table).rows)) {
    const row = valueOfRow(value)
    if (row) rows.set(key.toString(), row)
  }
  return rows
}

/** The same, of an instance that has ended. */
export async function rowsOfEnded(dataDir: string, table: TableName): Promise<Map<string, Buffer>> {
  const store = await openRocksStore(path.join(dataDir, 'tables'), tableFamilies(Object.keys(tableTopics)))
  try {
    return await storedRows(store, table)
  } finally {
    await store.close()
  }
}
