import type { StateRow } from '../finding.ts'

/** Of several rows that hold one resource, the first that differs speaks; the others are named. */
export function mostDifferent<C extends { equal: boolean }>(
  rows: readonly StateRow[],
  compareWith: (row: StateRow) => C[],
): { row: StateRow; others: StateRow[]; comparisons: C[] } {
  const all = rows.map((row) => ({ row, comparisons: compareWith(row) }))
  const chosen = all.find(({ comparisons }) => comparisons.some((one) => !one.equal)) ?? all[0]!
  const { row, comparisons } = chosen
  return { row, comparisons, others: rows.filter((other) => other !== row) }
}
