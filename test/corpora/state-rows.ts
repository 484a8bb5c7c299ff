import { parseState } from '../../connectors/sources/terraform-state/parse.ts'
import { toSnapshots } from '../../connectors/sources/terraform-state/snapshot.ts'
import type { StateRow } from '../../processors/finding.ts'
import { createStateIndex, type StateIndex } from '../../processors/state-index.ts'
import { stateRow } from '../../processors/state-row.ts'
import { context } from '../support/detect.ts'

/** The rows of a state file, as its source publishes them. Throws StateFormatError. */
export function rowsIn(bytes: Buffer, source: string): StateRow[] {
  const state = parseState(bytes, source)
  return toSnapshots(state, { hashKey: Buffer.alloc(32, 7), capturedAt: 0 }).flatMap(
    ({ key, value }) => stateRow(key, value) ?? [],
  )
}

export function indexOf(rows: readonly StateRow[]): StateIndex {
  const states = createStateIndex(context.mappings)
  for (const row of rows) states.add(row)
  return states
}
