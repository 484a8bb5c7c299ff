import type { z } from 'zod'
import { didYouMean } from '../did-you-mean.ts'
import type { ExpressionIssue } from './expression/expression-schema.ts'

export interface Fault {
  /** Such as rules[0].conditions[1].operator; empty for the file as a whole. */
  field: string
  message: string
  fix: string
}

export interface LocatedFault {
  path: PropertyKey[]
  /** The fault lies in the key, not in its value. */
  onKey: boolean
  /** At which character of the value. */
  offset?: number
  fault: Omit<Fault, 'field'>
}

type Issue = z.core.$ZodIssue

/** Says in a user's words what the schema found, one fault for each unknown key. */
export function faultsOf(issues: readonly Issue[], input: unknown): LocatedFault[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(issue.path, key, issue.message))
    const { offset } = within(issue)
    const fault = describe(issue, valueAt(input, issue.path))
    return [{ path: issue.path, onKey: false, fault, ...(offset !== undefined && { offset }) }]
  })
}

/** `known` is the list of the known keys: what schema.ts puts into the message. */
function unknownKey(path: PropertyKey[], key: string, known: string): LocatedFault {
  const fault = { message: `unknown key "${key}"`, fix: suggest(key, known.split(', ')) }
  return { path: [...path, key], onKey: true, fault }
}

function describe(issue: Issue, value: unknown): Omit<Fault, 'field'> {
  const key = String(issue.path.at(-1) ?? 'the rule')
  const choices = choicesOf(issue)
  if (value === undefined && issue.code !== 'custom') {
    return { message: 'is missing', fix: `add "${key}:"${choices ? `, one of ${choices.join(', ')}` : ''}` }
  }
  if (choices) {
    const message = value === null ? 'is empty' : `${JSON.stringify(value)} is not known here`
    return { message, fix: suggest(String(value), choices) }
  }
  if (issue.code === 'invalid_union') return { message: `is ${kindOf(value)}`, fix: issue.message }
  if (issue.code === 'too_small') return { message: 'is empty', fix: issue.message }
  const { says } = within(issue)
  if (says !== undefined) return { message: says, fix: issue.message }
  if (issue.code === 'custom' || issue.code === 'invalid_format') {
    return { message: value === undefined ? 'is missing' : 'is not acceptable', fix: issue.message }
  }
  const wanted =
    issue.code === 'invalid_type' ? (wantedKinds[issue.expected] ?? issue.expected) : 'another value'
  return { message: `is ${kindOf(value)}`, fix: `write ${wanted}` }
}

/** A text that holds a language of its own says where in it the fault lies. */
function within(issue: Issue): Partial<ExpressionIssue> {
  return issue.code === 'custom' ? ((issue.params ?? {}) as Partial<ExpressionIssue>) : {}
}

function choicesOf(issue: Issue): string[] | null {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code === 'invalid_union' && 'options' in issue && issue.options) return issue.options.map(String)
  return null
}

function suggest(word: string, choices: readonly string[]): string {
  const near = didYouMean(word, choices)
  return near ? `did you mean "${near}"?` : `use one of ${choices.join(', ')}`
}

const kinds: Record<string, string> = { string: 'a text', array: 'a list', object: 'keys and values' }

const wantedKinds: Record<string, string> = { ...kinds, number: 'a number', boolean: 'true or false' }

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return kinds.array!
  return kinds[typeof value] ?? `the ${typeof value} ${String(value)}`
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | null)?.[step], input)
}
