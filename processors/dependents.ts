import { configAddress } from '../schemas/config-address.ts'
import type { BlastRadius } from '../schemas/types.ts'
import type { StateRow } from './finding.ts'

/** How many addresses a blast radius lists; its counts are of all. */
export const MOST_ADDRESSES = 20

type Placed = Pick<StateRow, 'lineage' | 'address'>

/** Under which marks the dependents of a row are counted. */
export interface DependentMarks {
  direct: string
  indirect: string
}

/**
 * The dependents of a resource are the instances of its own state whose dependencies name it. They name what the
 * configuration says, so that all instances of one block have the same dependents.
 */
export function dependentMarks({ lineage, address }: Placed): DependentMarks {
  return marksOf(lineage, configAddress(address))
}

/** What a row is a dependent of, as marks. What is about to be destroyed depends on nothing any more. */
export function marksOfRow(row: StateRow): string[] {
  const { lineage, address, deposedKey, dependencies, directDependencies } = row
  if (deposedKey !== null || dependencies.length === 0) return []
  const self = configAddress(address)
  const direct = new Set(directDependencies ?? dependencies)
  return dependencies
    .filter((one) => one !== self && !isDataSource(one))
    .map((one) => marksOf(lineage, one)[direct.has(one) ? 'direct' : 'indirect'])
}

/** What is counted and listed, as an alert tells it; the keys are those of rows, the direct dependents' first. */
export function blastRadius(
  { lineage }: Placed,
  counts: { direct: number; indirect: number },
  keys: readonly string[],
): BlastRadius {
  return {
    directDependents: counts.direct,
    totalDependents: counts.direct + counts.indirect,
    addresses: keys.slice(0, MOST_ADDRESSES).map((key) => key.slice(lineage.length + 1)),
  }
}

function marksOf(lineage: string, address: string): DependentMarks {
  return { direct: `${lineage}|${address}\0direct`, indirect: `${lineage}|${address}\0indirect` }
}

/** No state row is one. */
function isDataSource(address: string): boolean {
  return address.startsWith('data.') || address.includes('.data.')
}
