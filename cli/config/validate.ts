import { z } from 'zod'
import { parseYaml } from './document.ts'
import { ConfigError, type FieldPath, suggestion } from './faults.ts'
import { type Env, interpolate } from './interpolate.ts'
import { type Complaint, complaints, issueText } from './issues.ts'
import { DEFAULT_SINKS } from './schema.ts'

/**
 * Parses, interpolates and validates the text of a configuration file. Throws ConfigError with all faults at once.
 * `bus` overrides bus.kind.
 */
export function validateConfig<S extends z.ZodType>(
  text: string,
  options: { file: string; schema: S; env: Env; bus?: string | undefined },
): z.output<S> {
  const document = parseYaml(text, options.file)
  const { value, touched, problems } = interpolate(document.content, options.env)
  if (options.bus !== undefined && isMap(value)) {
    value.bus = { ...(isMap(value.bus) ? value.bus : {}), kind: options.bus }
  }
  const result = parse(options.schema, value, touched)
  // A reference that could not be resolved would only be complained of twice.
  const unresolved = new Set(problems.map(({ path }) => JSON.stringify(path)))
  const others = [...(result.success ? [] : complaints(result.error.issues)), ...unknownSinks(value)].filter(
    ({ path }) => !unresolved.has(JSON.stringify(path)),
  )
  const faults = [...problems, ...others].map(({ path, message, fix }) => document.fault(path, message, fix))
  if (faults.length > 0) {
    throw new ConfigError(faults.sort((a, b) => a.line! - b.line! || a.column! - b.column!))
  }
  return result.data as z.output<S>
}

/**
 * A reference yields text. Where the schema wants a number or a boolean there, the text is read as one: the schema
 * says so, not the look of the value (a password may well be all digits).
 */
function parse<S extends z.ZodType>(schema: S, value: unknown, touched: readonly FieldPath[]) {
  const options = { error: issueText }
  const first = schema.safeParse(value, options)
  if (first.success || touched.length === 0) return first
  const places = new Set(touched.map((path) => JSON.stringify(path)))
  for (const { path, expected } of typeIssues(first.error.issues)) {
    if (places.has(JSON.stringify(path))) convert(value, path, expected)
  }
  return schema.safeParse(value, options)
}

function typeIssues(
  issues: readonly z.core.$ZodIssue[],
  parent: FieldPath = [],
): { path: FieldPath; expected: string }[] {
  return issues.flatMap((issue) => {
    const path = [...parent, ...(issue.path as FieldPath)]
    if (issue.code === 'invalid_union') return issue.errors.flatMap((errors) => typeIssues(errors, path))
    return issue.code === 'invalid_type' ? [{ path, expected: issue.expected }] : []
  })
}

type Tree = Record<string | number, unknown>

function convert(root: unknown, path: FieldPath, expected: string): void {
  const last = path.at(-1)!
  const parent = path.slice(0, -1).reduce((value, step) => (value as Tree)[step], root) as Tree
  const text = String(parent[last])
  if (expected === 'number' && /^-?\d+(\.\d+)?$/.test(text)) parent[last] = Number(text)
  if (expected === 'boolean' && /^(true|false)$/.test(text)) parent[last] = text === 'true'
}

const routed = z.looseObject({
  sinks: z.record(z.string(), z.unknown()).default(DEFAULT_SINKS),
  routing: z.looseObject({
    default: z.array(z.unknown()).default([]),
    rules: z.array(z.looseObject({ sinks: z.array(z.unknown()).default([]) })).default([]),
  }),
})

/** Looks at the raw value, so that it complains beside the schema and not only after it. */
function unknownSinks(value: unknown): Complaint[] {
  const { data } = routed.safeParse(value)
  if (!data) return []
  const names = Object.keys(data.sinks)
  const lists: [path: FieldPath, named: unknown[]][] = [
    [['routing', 'default'], data.routing.default],
    ...data.routing.rules.map(({ sinks }, index): [FieldPath, unknown[]] => [
      ['routing', 'rules', index, 'sinks'],
      sinks,
    ]),
  ]
  return lists.flatMap(([path, named]) =>
    named.flatMap((name, index) => {
      if (typeof name !== 'string' || names.includes(name)) return []
      const message = 'no sink has this name'
      return [{ path: [...path, index], message, fix: suggestion(name, names) }]
    }),
  )
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
