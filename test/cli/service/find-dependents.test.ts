import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findDependents } from '../../../cli/service/find-dependents.ts'
import { loadMappings } from '../../../mappings/index.ts'
import { marksOfRow } from '../../../processors/dependents.ts'
import type { StateRow } from '../../../processors/finding.ts'
import { createStateIndex } from '../../../processors/state-index.ts'
import { memoryStore } from '../../../streams/memory-store.ts'
import { tableFamilies } from '../../../streams/table-families.ts'
import { openTables } from '../../../streams/tables.ts'
import { aRow } from '../../processors/a-finding.ts'
import { manualBus } from '../../streams/manual-bus.ts'

const mappings = loadMappings()
const blocks = Array.from({ length: 6 }, (_, n) => `aws_t.n${n}`)

/** A generation of a state: of each instance what it depends on, and how. */
const instance = fc.record({
  address: fc.tuple(fc.constantFrom(...blocks), fc.nat(3)).map(([block, n]) => `${block}[${n}]`),
  dependencies: fc.subarray(blocks),
  direct: fc.subarray(blocks),
  there: fc.boolean(),
})

it('the blast radius is that of the rows of now, however the state came to be so', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(instance, { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      async (all, size) => {
        const bus = manualBus('state', 1)
        const tables = await openTables<{ rows: StateRow }>({
          bus,
          store: memoryStore(tableFamilies(['rows'])),
          tables: {
            rows: {
              topic: 'state',
              decode: (_, value) => JSON.parse(String(value)) as StateRow,
              marksOf: (_, row) => marksOfRow(row),
            },
          },
          deleteRetentionMs: 1e9,
          onFatal: () => {},
        })
        const now = new Map<string, StateRow>()
        for (const { address, dependencies, direct, there } of all) {
          const key = `lineage|${address}`
          const directDependencies = dependencies.filter((one) => direct.includes(one))
          const row: StateRow = { ...aRow(), key, address, dependencies, directDependencies }
          bus.append(0, key, there ? JSON.stringify(row) : null)
          if (there) now.set(key, row)
          else now.delete(key)
        }
        for (let to = size; to < all.length + size; to += size) await bus.deliver(0, Math.min(to, all.length))
        const states = createStateIndex(mappings)
        for (const row of now.values()) states.add(row)
        const asked = blocks.map((address): StateRow => ({ ...aRow(), address }))
        const found = await findDependents(tables.table.rows, asked)
        expect(found).toEqual(asked.map((row) => states.blastRadius(row)))
        await tables.close()
      },
    ),
  )
})
