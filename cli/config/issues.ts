import { z } from 'zod'
import type { $ZodErrorMap, $ZodRawIssue } from 'zod/v4/core'
import { type FieldPath, suggestion } from './faults.ts'

/** A complaint of the schema: what is wrong, and how to mend it. */
export interface Complaint {
  path: FieldPath
  message: string
  fix: string
}

type Issue = z.core.$ZodIssue

const typeNames: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
}

/**
 * The messages of configuration schemas, for safeParse(value, { error: issueText }). Each reads
 * 'what is wrong; how to mend it', as do the messages that a schema brings itself. Values are never shown: they
 * may be secrets. An example in the meta data of a schema (`examples`) is shown as one.
 */
export const issueText: $ZodErrorMap = (issue) => {
  if (issue.code === 'unrecognized_keys') {
    // One line a key: complaints() takes them apart again.
    const known = issue.schema ? Object.keys((issue.schema as z.ZodObject).shape) : []
    return issue.keys.map((key) => `unknown key; ${suggestion(key, known)}`).join('\n')
  }
  if (issue.code === 'invalid_value') return choice(issue.input, issue.values)
  if (issue.code === 'invalid_union' && 'options' in issue) {
    const map = issue.input as Record<string, unknown>
    return choice(map[String(issue.discriminator)], issue.options as readonly unknown[])
  }
  if (issue.code === 'invalid_type') return typeText(issue.expected, issue.input, example(issue))
  if (issue.code === 'too_small') {
    const isCount = issue.origin === 'array' || issue.origin === 'string'
    if (isCount) return `must not be empty; ${example(issue) ?? 'fill it in'}`
    return `must be at least ${issue.minimum}; write a larger number`
  }
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}; write a smaller number`
  if (issue.code === 'invalid_format') {
    return `has the wrong form; ${example(issue) ?? 'see tfdrift.example.yaml'}`
  }
  return undefined
}

/** Takes the issues apart into complaints about single fields. */
export function complaints(issues: readonly Issue[]): Complaint[] {
  return issues.flatMap((issue) => {
    const path = issue.path as FieldPath
    if (issue.code === 'unrecognized_keys') {
      const lines = issue.message.split('\n')
      return issue.keys.map((key, index) => complaint([...path, key], lines[index]!))
    }
    if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => complaint(path, message))
    if (issue.code === 'invalid_union' && issue.errors.length > 0) return unionComplaints(issue, path)
    return complaint(path, issue.message)
  })
}

/** Speaks of the one alternative whose type the value has; of all of them if there is none such. */
function unionComplaints(issue: Issue & { code: 'invalid_union' }, path: FieldPath): Complaint[] {
  const typeFault = (issues: readonly Issue[]) =>
    issues.find(({ code, path }) => code === 'invalid_type' && path.length === 0) as
      | { expected: string }
      | undefined
  const fitting = issue.errors.filter((issues) => !typeFault(issues))
  if (fitting.length === 1) {
    return complaints(fitting[0]!).map((inner) => ({ ...inner, path: [...path, ...inner.path] }))
  }
  const expected = issue.errors
    .map((issues) => typeFault(issues)?.expected)
    .filter((name) => name !== undefined)
  const names = [...new Set(expected.map(typeName))].join(', or ')
  return [complaint(path, `must be ${names}; see tfdrift.example.yaml`)]
}

function complaint(path: FieldPath, text: string): Complaint {
  const [message, ...fix] = text.split('; ')
  return { path, message: message!, fix: fix.join('; ') || 'see tfdrift.example.yaml' }
}

function typeText(expected: string, input: unknown, shown: string | null): string {
  const wanted = typeName(expected)
  if (input === undefined || input === null) return `missing; ${shown ?? `write ${wanted}`}`
  const fraction = expected === 'int' && typeof input === 'number'
  const received = fraction ? 'a fraction' : typeName(Array.isArray(input) ? 'array' : typeof input)
  const unquoted = expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')
  return `must be ${wanted}, not ${received}; ${shown ?? (unquoted ? 'put it in quotes' : `write ${wanted}`)}`
}

function choice(input: unknown, options: readonly unknown[]): string {
  const words = options.filter((option) => option !== undefined).map(String)
  const problem = input === undefined || input === null ? 'missing' : 'not one of the choices'
  return `${problem}; ${suggestion(typeof input === 'string' ? input : '', words)}`
}

function example(issue: $ZodRawIssue): string | null {
  const examples = issue.schema && z.globalRegistry.get(issue.schema as z.ZodType)?.examples
  return Array.isArray(examples) ? `such as ${JSON.stringify(examples[0])}` : null
}

function typeName(name: string): string {
  return typeNames[name] ?? name
}
