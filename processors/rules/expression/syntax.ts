import type { ASTNode } from '@marcbachmann/cel-js'

/** Goes over a list, and binds each element to a name. */
const loops = new Set(['all', 'exists', 'exists_one', 'filter'])

/** `name` of a call of a function or method. */
export function callOf(node: ASTNode): { name: string; args: ASTNode[] } | null {
  if (node.op === 'call') return { name: node.args[0], args: node.args[1] }
  if (node.op === 'rcall') return { name: node.args[0], args: [node.args[1], ...node.args[2]] }
  return null
}

export function isLoop(node: ASTNode): boolean {
  return node.op === 'rcall' && loops.has(node.args[0])
}

/** Calls `visit` with every node, and with how many loops it stands in. */
export function walk(node: ASTNode, visit: (node: ASTNode, depth: number) => void, depth = 0): void {
  visit(node, depth)
  if (isLoop(node)) {
    const [list, , body] = callOf(node)!.args
    walk(list!, visit, depth)
    if (body) walk(body, visit, depth + 1)
    return
  }
  for (const child of nodesIn(node.args)) walk(child, visit, depth)
}

/** The operands among the arguments of a node. */
export function nodesIn(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn)
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : []
}
