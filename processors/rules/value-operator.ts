import { z } from 'zod'
import type { Json } from '../finding.ts'
import type { Example, Operator } from './operator.ts'

const side = { of: z.enum(['old', 'new']).optional() }

interface ValueOperator<Name extends string, Args extends z.ZodRawShape> {
  name: Name
  args: Args
  /** Prepares the test of one value; null is an absent one. */
  holds(args: z.output<z.ZodObject<Args>>): (value: Json) => boolean
  doc: string
  examples: readonly Example[]
}

/** An operator that looks at the attribute's value, with `of: old` at that before the event. One value must do. */
export function valueOperator<const Name extends string, Args extends z.ZodRawShape>({
  holds,
  ...rest
}: ValueOperator<Name, Args>): Operator<Name, Args & typeof side> {
  return {
    ...rest,
    args: { ...rest.args, ...side },
    test(args) {
      const { of = 'new' } = args as { of?: 'old' | 'new' }
      const holdsOf = holds(args as z.output<z.ZodObject<Args>>)
      return (attribute) => attribute[of].values.some(holdsOf)
    },
  }
}

/** Holds where the operator does not. Of an attribute that may have hidden or unknown values, neither holds. */
export function negationOf<const Name extends string, Args extends z.ZodRawShape>(
  operator: Operator<string, Args>,
  spec: { name: Name; doc: string; examples: readonly Example[] },
): Operator<Name, Args> {
  return {
    ...spec,
    args: operator.args,
    test(args) {
      const { of = 'new' } = args as { of?: 'old' | 'new' }
      const holds = operator.test(args)
      return (attribute) => attribute[of].complete && !holds(attribute)
    },
  }
}
