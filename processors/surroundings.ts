import type { BlastRadius, PastChange } from '../schemas/types.ts'

/** What is known of a resource besides its finding: of other events, and of other rows of its state. */
export interface Surroundings {
  changeHistory: PastChange[]
  /** null: no state holds the resource. */
  blastRadius: BlastRadius | null
}

export const noSurroundings: Surroundings = { changeHistory: [], blastRadius: null }
