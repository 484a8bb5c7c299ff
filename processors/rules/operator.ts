import { z } from 'zod'
import type { ChangeType } from '../../schemas/types.ts'
import type { Json } from '../finding.ts'

/** What a condition sees of its attribute. */
export interface AttributeView {
  /** The diffs of the attribute, of what lies below it, or of its API name. Empty: it did not change. */
  readonly changes: readonly Change[]
  /** What the event set; of sets and policies what it added. As the state says where the event left it alone. */
  readonly new: Reading
  /** What the event took away, or replaced; as the state says where the event left it alone. */
  readonly old: Reading
}

/** The values of an attribute on one side: one, or with wildcards any number. An absent attribute is null. */
export interface Reading {
  readonly values: readonly Json[]
  /** false: there may be values that are hidden or not known. */
  readonly complete: boolean
}

/** undefined: hidden or not known; null: known to be absent. */
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
  /** It holds only where the event changed the attribute: what changes nothing of it need not be tried. */
  needsChange?: boolean
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
  /** `value` is what stands there after the event, `old` before it. */
  attribute: { changes?: Partial<Change>[]; value?: Json; old?: Json }
  holds: boolean
}

export function operator<const Name extends string, Args extends z.ZodRawShape>(
  spec: Operator<Name, Args>,
): Operator<Name, Args> {
  return spec
}

/** Any YAML value. One fault, not one for each kind that it might have been. */
export const anyValue = z.custom<Json>((value) => value !== undefined, 'give it a value')

/** Something that is written. */
export const text = z.string().trim().min(1, 'write a text')

/** One text, or a list of which one must do. */
export const oneOrMore = z.union([text, z.array(text).min(1)], 'write a text, or a list of texts')

export function listOf<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value]
}
