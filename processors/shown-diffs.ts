import type { AttributeDiff } from '../schemas/types.ts'

/** The diffs as they may leave: whatever detection left in a sensitive one, its values are not shown. */
export function shownDiffs(diffs: readonly AttributeDiff[]): AttributeDiff[] {
  return diffs.map((diff) => (diff.sensitive ? { ...diff, oldValue: null, newValue: null } : diff))
}
