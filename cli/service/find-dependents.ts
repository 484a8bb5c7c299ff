import { blastRadius, dependentMarks, MOST_ADDRESSES } from '../../processors/dependents.ts'
import type { StateRow } from '../../processors/finding.ts'
import type { BlastRadius } from '../../schemas/types.ts'
import type { Table } from '../../streams/table.ts'

/** What depends on each of these rows: all are counted at once, and only those that have dependents are asked for them. */
export async function findDependents(
  table: Pick<Table<object>, 'count' | 'marked'>,
  rows: readonly StateRow[],
): Promise<BlastRadius[]> {
  const marks = rows.map(dependentMarks)
  const counts = await table.count(marks.flatMap(({ direct, indirect }) => [direct, indirect]))
  return Promise.all(
    rows.map(async (row, i) => {
      const direct = counts[2 * i]!
      const indirect = counts[2 * i + 1]!
      // Both at once: a look-up takes longer than what it finds.
      const [first, then] = await Promise.all([
        direct > 0 ? table.marked(marks[i]!.direct, MOST_ADDRESSES) : [],
        indirect > 0 && direct < MOST_ADDRESSES
          ? table.marked(marks[i]!.indirect, MOST_ADDRESSES - direct)
          : [],
      ])
      return blastRadius(row, { direct, indirect }, [...first, ...then])
    }),
  )
}
