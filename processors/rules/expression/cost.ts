import type { ASTNode } from '@marcbachmann/cel-js'
import type { Measures } from './cel-value.ts'
import { LINEAR_MATCHES } from './environment.ts'
import { callOf, isLoop, nodesIn } from './syntax.ts'

/** One is about a microsecond at worst: an event must not be held up by a rule for longer than some tenths of a second. */
export const MOST_STEPS = 100_000

/** A name of a time zone has to be looked up. */
const ZONE_STEPS = 500
const CHARS_PER_STEP = 64
const PATTERN_CHARS_PER_STEP = 4

type Amount = (measures: Measures) => number

/** A loop, or the whole expression. */
interface Scope {
  /** How often its body is evaluated. */
  times: Amount
  /** How often all that its variable comes from is gone over: its elements are together no more than that. */
  passes: Amount
  /** The variables of this and the outer loops. */
  variables: ReadonlyMap<string, Scope>
}

/**
 * How many steps an expression takes at most over variables of a size. Nothing in an expression makes values larger
 * than they are (see checkVocabulary), but sums and lists that are written, which add as much as they say.
 */
export function costOf(ast: ASTNode): Amount {
  const costs: Amount[] = []
  let copies = 1
  let written = 0
  visit(ast, { times: () => 1, passes: () => 1, variables: new Map() })
  return (measures) => {
    const { longest, text, values, chars } = measures
    const enlarged = {
      longest: Math.max(longest * copies, written),
      text: text * copies,
      values: values * copies + written,
      chars: chars * copies,
    }
    return costs.reduce((sum, cost) => sum + cost(enlarged), 0)
  }

  function visit(node: ASTNode, scope: Scope): void {
    costs.push(costOfNode(node, scope))
    if (node.op === '+' && node.args.every(isMade)) copies++
    if (node.op === 'list') {
      copies += node.args.filter(isMade).length
      written += node.args.length
    }
    if (!isLoop(node)) {
      for (const child of nodesIn(node.args)) visit(child, scope)
      return
    }
    const [list, variable, body] = callOf(node)!.args
    visit(list!, scope)
    if (body) visit(body, loopOver(scope, ownerOf(list!, scope), String(variable!.args)))
  }
}

function loopOver(outer: Scope, owner: Scope | undefined, variable: string): Scope {
  const plain: Amount = (measures) => outer.times(measures) * measures.longest
  // Over a part of the outer loop's element: all parts together are no more than the whole.
  const isPart = owner === outer
  const variables = new Map(outer.variables)
  const scope: Scope = {
    times: isPart ? (measures) => Math.min(plain(measures), outer.passes(measures) * measures.values) : plain,
    passes: isPart ? outer.passes : outer.times,
    variables,
  }
  variables.set(variable, scope)
  return scope
}

/** What is written is as small as it looks. */
function isMade({ op }: ASTNode): boolean {
  return op !== 'value'
}

/** The loop of whose variable this is a part. */
function ownerOf(node: ASTNode, { variables }: Scope): Scope | undefined {
  if (node.op === 'id') return variables.get(node.args)
  const [first] = callOf(node)?.args ?? nodesIn(node.args)
  const isPath = node.op === '.' || node.op === '[]' || node.op === 'rcall'
  return isPath && first ? ownerOf(first, { variables } as Scope) : undefined
}

function costOfNode(node: ASTNode, scope: Scope): Amount {
  const { times } = scope
  const call = callOf(node)
  if (call) {
    const steps = call.name.startsWith('get') && call.args.length > 1 ? ZONE_STEPS : 1
    const perStep = call.name === LINEAR_MATCHES ? PATTERN_CHARS_PER_STEP : CHARS_PER_STEP
    const chars = amount(call.args[0], scope, 'text', 'chars')
    return (measures) => times(measures) * steps + chars(measures) / perStep
  }
  if (node.op === 'in') {
    const values = amount(node.args[1], scope, 'longest', 'values')
    return (measures) => times(measures) + values(measures)
  }
  if ((node.op === '==' || node.op === '!=') && node.args.every(isMade)) {
    const [one, other] = node.args.map((side) => amount(side, scope, 'values', 'values'))
    return (measures) => times(measures) + Math.min(one!(measures), other!(measures))
  }
  return times
}

/** How much of a value is gone over in all: of an outer one as much as the largest is, each time. */
function amount(
  node: ASTNode | undefined,
  scope: Scope,
  largest: keyof Measures,
  total: keyof Measures,
): Amount {
  const owner = node && ownerOf(node, scope)
  if (node?.op === 'list') return (measures) => scope.times(measures) * node.args.length
  if (!owner) return (measures) => scope.times(measures) * measures[largest]
  return (measures) => {
    const again = scope.times(measures) / Math.max(owner.times(measures), 1)
    return owner.passes(measures) * measures[total] * Math.max(again, 1)
  }
}
