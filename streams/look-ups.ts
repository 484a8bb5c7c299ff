import type { Rows } from '../processors/detect/step.ts'
import type { StateRow } from '../processors/finding.ts'
import type { AlertStatus } from '../schemas/types.ts'

/** The tables that the processor asks. */
export interface LookUps {
  /** State rows by the keys of processors/identity.ts. */
  findRows: (keys: string[]) => Promise<StateRow[][]>
  findStatus: (driftIds: string[]) => Promise<(AlertStatus | null)[]>
}

/** What is known of drifts, by their ids; changed as findings are folded in. */
export type Statuses = Map<string, AlertStatus | null>

/** The rows under these keys, looked up at once and each once. */
export async function lookUpRows(
  { findRows }: Pick<LookUps, 'findRows'>,
  wanted: readonly string[],
): Promise<Rows> {
  const keys = [...new Set(wanted)]
  const found = await findRows(keys)
  const rows = new Map(keys.map((key, i) => [key, found[i]!]))
  return (key) => rows.get(key) ?? []
}

/** The same of the statuses of drifts. */
export async function lookUpStatuses(
  { findStatus }: Pick<LookUps, 'findStatus'>,
  wanted: readonly string[],
): Promise<Statuses> {
  const driftIds = [...new Set(wanted)]
  const known = await findStatus(driftIds)
  return new Map(driftIds.map((id, i) => [id, known[i]!]))
}
