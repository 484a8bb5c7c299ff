import type { ASTNode } from '@marcbachmann/cel-js'
import { didYouMean } from '../../did-you-mean.ts'
import { compiled, LINEAR_MATCHES } from './environment.ts'
import { ExpressionFault } from './expression-fault.ts'
import { callOf, isLoop, walk } from './syntax.ts'

/** Loops within loops cost the product of their lists. */
const DEEPEST = 2

const LONGEST_DURATION = 40

/** CEL's functions, but those that make values of other values (map, join, split, cel.bind): they could grow. */
const functions = [
  ...[
    'all',
    'exists',
    'exists_one',
    'filter',
    'has',
    'size',
    'matches',
    'startsWith',
    'endsWith',
    'contains',
  ],
  ...['lowerAscii', 'upperAscii', 'trim', 'indexOf', 'lastIndexOf', 'substring'],
  ...['bool', 'int', 'uint', 'double', 'string', 'timestamp', 'duration', 'type', 'dyn'],
  ...['getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getFullYear', 'getMonth'],
  ...['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'],
]

/** Refuses what could cost without bounds, and puts the linear `matches` in the place of CEL's own. */
export function checkVocabulary(ast: ASTNode): void {
  walk(ast, (node, depth) => {
    const call = callOf(node)
    if (!call) return
    const { name, args } = call
    if (!functions.includes(name)) {
      const near = didYouMean(name, functions)
      const fix = near ? `did you mean ${near}?` : `use ${functions.join(', ')}`
      throw new ExpressionFault(`has no function ${name}`, fix, node.start)
    }
    if (isLoop(node) && depth >= DEEPEST)
      throw new ExpressionFault(
        `has more than ${DEEPEST} of all, exists, exists_one and filter within each other`,
        'split it, or use conditions',
        node.start,
      )
    if (name === 'duration') checkDuration(args[0], node)
    if (node.op === 'rcall' && name === 'matches') {
      checkPattern(args[1], node)
      node.args[0] = LINEAR_MATCHES
    }
  })
}

/** It is read with an expression that backtracks: what stands in a state must not get there. */
function checkDuration(text: ASTNode | undefined, call: ASTNode): void {
  if (text?.op === 'value' && String(text.args).length <= LONGEST_DURATION) return
  throw new ExpressionFault('has a duration that is not written here', 'write it as "90m"', call.start)
}

function checkPattern(pattern: ASTNode | undefined, call: ASTNode): void {
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string')
    throw new ExpressionFault(
      'matches what is not written here',
      'write the regular expression as a text',
      call.start,
    )
  try {
    compiled(pattern.args)
  } catch {
    throw new ExpressionFault(
      `matches ${JSON.stringify(pattern.args)}, which RE2 does not know`,
      'write a regular expression of RE2: no look-around, no back-references',
      pattern.start,
    )
  }
}
