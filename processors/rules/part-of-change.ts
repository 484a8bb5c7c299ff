import { canonicalText } from '../compare/canonical.ts'
import type { Json } from '../finding.ts'
import { valuesAt } from './attribute-path.ts'
import type { Change } from './operator.ts'

/**
 * What a change of the whole means for a part of it: ingress changed, what of ingress[*].cidr_blocks? With wildcards
 * both sides are lists of what was found there.
 */
export function partOf(change: Change, rest: string, isGlob: boolean): Change | 'unchanged' | 'unknown' {
  const { before, after } = change
  // A list's change tells what came and went, not where in the list it stands.
  if (before === undefined || after === undefined || /^\[\d/.test(rest)) return 'unknown'
  const [was, is] = [valuesAt(before, rest), valuesAt(after, rest)]
  if (was.length === 0 && is.length === 0) return before === null || after === null ? 'unchanged' : 'unknown'
  const [from, to] = isGlob ? [was as Json, is as Json] : [was[0] ?? null, is[0] ?? null]
  const [fromText, toText] = [canonicalText(from), canonicalText(to)]
  if (fromText === toText) return 'unchanged'
  const changeType = fromText === 'null' ? 'added' : toText === 'null' ? 'removed' : 'modified'
  return { changeType, before: from, after: to }
}
