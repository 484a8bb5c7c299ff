import { ParseError, type ParseResult, type TypeError as TypeFault } from '@marcbachmann/cel-js'
import { didYouMean } from '../../did-you-mean.ts'
import type { Subject } from '../subject.ts'
import { costOf, MOST_STEPS } from './cost.ts'
import { environment, LINEAR_MATCHES } from './environment.ts'
import { ExpressionFault } from './expression-fault.ts'
import { walk } from './syntax.ts'
import { diffFields, plainVariables, records, Variables } from './variables.ts'
import { checkVocabulary } from './vocabulary.ts'

/** Whether an expression holds of a finding; or why that cannot be said, which is no match. */
export type CompiledExpression = (subject: Subject) => boolean | { error: string }

const MOST_CHARS = 4_000

/** Compiles CEL. Throws ExpressionFault on syntax, unknown names, wrong types, and what could cost too much. */
export function compileExpression(source: string): CompiledExpression {
  if (source.length > MOST_CHARS)
    throw new ExpressionFault(`is longer than ${MOST_CHARS} characters`, 'split the rule', 0)
  const parsed = parse(source)
  checkVocabulary(parsed.ast)
  checkTypes(parsed)
  const cost = costOf(parsed.ast)
  const names = new Set<string>()
  walk(parsed.ast, (node) => {
    if (node.op === 'id') names.add(node.args)
  })

  return function holds(subject) {
    const variables = variablesOf(subject)
    const steps = cost(variables.measures(names))
    if (steps > MOST_STEPS)
      return { error: `would take up to ${Math.round(steps)} steps here; ${MOST_STEPS} are allowed` }
    return evaluate(parsed, variables)
  }
}

function parse(source: string): ParseResult {
  try {
    return environment().parse(source)
  } catch (error) {
    throw error instanceof ParseError ? faultOf(error) : error
  }
}

function checkTypes(parsed: ParseResult): void {
  const { valid, type, error } = parsed.check()
  if (!valid) throw error ? faultOf(error) : new ExpressionFault('is not valid CEL', SEE, 0)
  if (type !== 'bool' && type !== 'dyn')
    throw new ExpressionFault(`gives ${type}, not true or false`, 'compare it with something', 0)
}

const SEE = 'see "Expressions" in rules/README.md'
const variableNames = [...Object.keys(records), ...Object.keys(plainVariables)]
const fieldNames = [...Object.values(records), diffFields].flatMap((fields) => Object.keys(fields))

function faultOf({ summary, range }: ParseError | TypeFault): ExpressionFault {
  const at = range?.start ?? 0
  const message = summary.replace(LINEAR_MATCHES, 'matches')
  const [, variable] = /^Unknown variable: (\w+)$/.exec(message) ?? []
  const [, field] = /^No such key: (\w+)$/.exec(message) ?? []
  const [word, known] = variable ? [variable, variableNames] : [field ?? '', fieldNames]
  if (!word) return new ExpressionFault(message, SEE, at)
  const near = didYouMean(word, known)
  return new ExpressionFault(message, near ? `did you mean ${near}?` : `use one of ${known.join(', ')}`, at)
}

/** Several rules look at one finding. */
const made = new WeakMap<Subject, Variables>()

function variablesOf(subject: Subject): Variables {
  let variables = made.get(subject)
  if (!variables) {
    variables = new Variables(subject)
    made.set(subject, variables)
  }
  return variables
}

function evaluate(parsed: ParseResult, variables: Variables): boolean | { error: string } {
  // In a loop every element may be an error; the trace of the stack is most of what one costs.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    const result: unknown = parsed(variables as unknown as Record<string, unknown>)
    return typeof result === 'boolean' ? result : { error: 'gives neither true nor false' }
  } catch (error) {
    const { summary, message } = error as Error & { summary?: string }
    return { error: (summary ?? message).replace(LINEAR_MATCHES, 'matches') }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
