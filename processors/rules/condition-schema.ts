import { z } from 'zod'
import type { Json } from '../finding.ts'
import { isObject } from '../paths.ts'
import { text } from './operator.ts'
import { operators } from './operators/index.ts'
import { strict } from './strict.ts'

/** `attribute`, `operator` and that operator's own arguments. */
export interface AttributeCondition {
  attribute: string
  operator: string
  [argument: string]: unknown
}

export interface ElementCondition {
  element_of: string
  all: Condition[]
}

export type Condition =
  | AttributeCondition
  | ElementCondition
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }

const [firstOperator, ...otherOperators] = operators.map(({ name, args }) =>
  strict({ attribute: text, operator: z.literal(name), ...args }),
)

/** A condition on one attribute. */
export const attributeCondition = z.discriminatedUnion('operator', [firstOperator!, ...otherOperators])

/** The kind of condition is told by its keys, so that a fault is one of that kind, and not of all. */
export const conditionSchema: z.ZodType<Condition> = z.unknown().transform((value, context) => {
  const { data, error } = schemaFor(value).safeParse(value)
  for (const issue of error?.issues ?? [])
    context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue)
  return error ? z.NEVER : (data as Condition)
})

const someConditions = z.array(conditionSchema).min(1, 'name at least one condition')

/** Conditions of conditions. */
export const groupSchemas = {
  element_of: strict({ element_of: text, all: someConditions }),
  all: strict({ all: someConditions }),
  any: strict({ any: someConditions }),
  not: strict({ not: conditionSchema }),
}

function schemaFor(value: unknown): z.ZodType {
  const group = Object.keys(groupSchemas).find((key) => isObject(value as Json) && key in (value as object))
  return group ? groupSchemas[group as keyof typeof groupSchemas] : attributeCondition
}
