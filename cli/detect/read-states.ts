import { readStateFile } from '../../connectors/sources/read-files.ts'
import type { Mappings } from '../../mappings/index.ts'
import type { StateRow } from '../../processors/finding.ts'
import { createStateIndex, type StateIndex } from '../../processors/state-index.ts'
import { stateRow } from '../../processors/state-row.ts'

/** Reads all states into one index. A state that cannot be read is a problem, and the others go on. */
export async function readStates(
  paths: readonly string[],
  { mappings, hashKey, problems }: { mappings: Mappings; hashKey: Buffer; problems: string[] },
): Promise<StateIndex> {
  const states = createStateIndex(mappings)
  for (const path of paths) {
    try {
      // All of a state, or nothing: what is wrong with it may come last.
      const rows: StateRow[] = []
      for (const { key, value } of await readStateFile(path, { hashKey })) {
        const row = stateRow(key, value)
        if (row) rows.push(row)
      }
      for (const row of rows) states.add(row)
    } catch (error) {
      problems.push((error as Error).message)
    }
  }
  return states
}
