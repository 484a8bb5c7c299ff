import type { Comparison } from '../../processors/compare/compare.ts'
import { masked } from '../operations/masked.ts'
import type { ExplainedComparison } from './explanation.ts'
import { quoted } from './words.ts'

/** Both values and the law of each comparison; of what is no attribute (the resource as a whole) the verdict tells. */
export function explainComparisons(comparisons: readonly Comparison[]): ExplainedComparison[] {
  return comparisons
    .filter(({ attribute }) => attribute !== '')
    .map((one) => {
      const { attribute, apiName: parameter, state, event, sensitive, equal, law } = one
      return {
        attribute,
        parameter,
        ...(state !== undefined && !sensitive && { state: masked(state) }),
        ...(event !== undefined && !sensitive && { event: masked(event) }),
        sensitive,
        equal,
        law,
        because: because(one),
      }
    })
}

function because(one: Comparison): string {
  const { law, equal, sensitive, state } = one
  if (law === 'another value, so not removed' && state === undefined) return 'equal'
  const says = `${equal ? 'equal' : 'different'}${reasons[law] ?? `: ${law}`}`
  const parts = equal || sensitive || !inParts.has(law) ? '' : changedParts(one)
  return `${says}${parts}`
}

/** The laws of processors/compare and processors/detect, in a reader's words. */
export const reasons: Readonly<Record<string, string>> = {
  'same machine': ': compared as types of machine, which the two APIs end differently',
  'same value': '',
  'different value': '',
  'same tag': '',
  'unset equals false and 0': ': a flag or number that the state leaves unset means false or 0',
  'same set': ': compared as a set, order does not count',
  'same blocks': ': compared block by block, order does not count',
  'same name in DNS': ': compared as names in DNS, capitals and a dot at the end do not count',
  'same network': ': compared as networks, an address alone is the network of that one',
  'same quantity': ': compared as quantities, 1 is 1000m and 1Gi is 1024Mi',
  'same columns': ': compared as columns, their order and the names of their types do not count',
  existence: '',
  'same rules': ': compared rule by rule, for each address range or group that it opens',
  'same policy': ': compared by what the policy allows; order, Sid and lists of one do not count',
  'same protocol': ': compared as IP protocols, 6 and tcp mean the same',
  description: ': compared by the description of the rule',
  'same block': ': compared by whether the block is there',
  'same version': ': a version that the state gives in part means every version that begins so',
  'same JSON': ': compared as JSON, spaces and order of keys do not count',
  'same reference': ': a name and the ARN that ends in it mean the same',
  'same in any case': ': compared without regard to capitals, and lists without regard to order',
  'only a digest is known': ': the state keeps only a digest of the value',
  'the event hides the value': ': the event hides the value, but says that it was set',
  'the event leaves the value out':
    ': the event leaves the value out, because it is too long, but it was set',
  'another value, so not removed': ': the call takes the tag away only where it has another value than this',
  'not compared': ': the record does not tell what was set',
}

const inParts = new Set(['same set', 'same policy', 'same in any case', 'same blocks'])

/** Of collections that differ only the parts that came or went. */
function changedParts({ oldValue, newValue }: Comparison): string {
  const parts = [
    oldValue !== undefined && `the call took away ${quoted(oldValue)}`,
    newValue !== undefined && `the call added ${quoted(newValue)}`,
  ].filter(Boolean)
  return parts.length > 0 ? `; ${parts.join(', ')}` : ''
}
