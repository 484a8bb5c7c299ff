import { z } from 'zod'
import { canonical } from '../compare/canonical.ts'
import type { Example } from './operator.ts'
import { valueOperator } from './value-operator.ts'

/** An operator that compares a number, or the text of one. Nothing compares to an absent value. */
export function numberOperator<const Name extends string>(
  name: Name,
  compare: (actual: number, value: number) => boolean,
  { doc, examples }: { doc: string; examples: readonly Example[] },
) {
  return valueOperator({
    name,
    args: { value: z.number() },
    holds({ value }) {
      return (actual) => {
        const number = canonical(actual)
        return typeof number === 'number' && compare(number, value)
      }
    },
    doc,
    examples,
  })
}
