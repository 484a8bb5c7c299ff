import type { DetectedFinding } from '../processors/detect/detect.ts'
import type { Rows } from '../processors/detect/step.ts'
import type { Finding, StateRow } from '../processors/finding.ts'
import { historyBefore } from '../processors/history.ts'
import type { Surroundings } from '../processors/surroundings.ts'
import type { AlertStatus, BlastRadius } from '../schemas/types.ts'

/** The tables that the processor asks. */
export interface LookUps {
  /** State rows by the keys of processors/identity.ts. */
  findRows: (keys: string[]) => Promise<StateRow[][]>
  /** What depends on each of these rows. */
  findDependents: (rows: StateRow[]) => Promise<BlastRadius[]>
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

/** What is told about a finding besides itself; `row` is the status of its drift. */
export type Around = (finding: Finding, row: AlertStatus) => Surroundings

/** Looks up what depends on the resources of these alerts. */
export async function lookUpAround(
  { findDependents }: Pick<LookUps, 'findDependents'>,
  findings: readonly DetectedFinding[],
): Promise<Around> {
  const alerts = findings.filter(({ reason }) => reason === null)
  const rows = [...new Set(alerts.flatMap(({ finding: { row } }) => row ?? []))]
  const found = rows.length > 0 ? await findDependents(rows) : []
  const radii = new Map(rows.map((row, i) => [row, found[i]!]))
  return ({ row, call }, { history }) => ({
    changeHistory: historyBefore(history, call.time),
    blastRadius: (row && radii.get(row)) ?? null,
  })
}
