import { Environment } from '@marcbachmann/cel-js'
import { RE2JS } from 're2js'
import { diffFields, plainVariables, records } from './variables.ts'

/** What an expression may have of each: enough for people, and little enough to bound what evaluation costs. */
const limits = {
  maxAstNodes: 400,
  maxDepth: 32,
  maxListElements: 200,
  maxMapEntries: 50,
  maxCallArguments: 8,
}

/** By this name stands `matches` in a parsed expression: CEL's own would be JavaScript's, which backtracks. */
export const LINEAR_MATCHES = 'matchesLinear'

let made: Environment | null = null

/** The variables and functions of rules' expressions; made once, when the first rule has one. */
export function environment(): Environment {
  made ??= create()
  return made
}

function create(): Environment {
  const env = new Environment({ homogeneousAggregateLiterals: false, limits })
  env.registerType('Diff', { fields: diffFields })
  for (const [name, schema] of Object.entries(records)) env.registerVariable({ name, schema })
  for (const [name, type] of Object.entries(plainVariables)) env.registerVariable(name, type)
  env.registerFunction(`string.${LINEAR_MATCHES}(string): bool`, (text: string, pattern: string) =>
    compiled(pattern).matcher(text).find(),
  )
  return env
}

/** Patterns are written in rules, so there are as many as rules say. */
const patterns = new Map<string, RE2JS>()

/** Throws if RE2 does not know the pattern. */
export function compiled(pattern: string): RE2JS {
  let found = patterns.get(pattern)
  if (!found) {
    found = RE2JS.compile(pattern)
    patterns.set(pattern, found)
  }
  return found
}
