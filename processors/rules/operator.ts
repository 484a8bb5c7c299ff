import { z } from 'zod'
import type { ChangeType } from '../../schemas/types.ts'
import type { Json } from '../finding.ts'

/** What a condition sees of its attribute. undefined: hidden or not known; null: known to be absent. */
export interface AttributeView {
  /** The diffs of the attribute, of what lies below it, or of its API name. Empty: it did not change. */
  readonly changes: readonly Change[]
  /** The attribute's value after the event: as set, or as the state says where the event left it alone. */
  readonly value: Json | undefined
}

export interface Change {
  readonly changeType: ChangeType
  /** Of sets and policies: the elements that were removed. */
  readonly before: Json | undefined
  /** Of sets and policies: the elements that were added. */
  readonly after: Json | undefined
}

export type Test = (attribute: AttributeView) => boolean

/** A condition's operator: one file each in operators/, and one line in operators/index.ts. */
export interface Operator<Name extends string = string, Args extends z.ZodRawShape = z.ZodRawShape> {
  name: Name
  /** The keys that the condition has besides `attribute` and `operator`. */
  args: Args
  /** Called once for each condition, when the rules are compiled: whatever can be prepared is prepared there. */
  test(args: z.output<z.ZodObject<Args>>): Test
  /** One sentence for the table in rules/README.md. */
  doc: string
  /** Run by the tests. */
  examples: readonly Example[]
}

export interface Example {
  /** The condition's arguments, as in YAML. */
  args: Record<string, Json>
  attribute: { changes?: Partial<Change>[]; value?: Json }
  holds: boolean
}

export function operator<const Name extends string, Args extends z.ZodRawShape>(
  spec: Operator<Name, Args>,
): Operator<Name, Args> {
  return spec
}

/** Any YAML value. One fault, not one for each kind that it might have been. */
export const anyValue = z.custom<Json>((value) => value !== undefined, 'give it a value')
