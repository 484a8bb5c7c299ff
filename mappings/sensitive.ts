import { readFileSync } from 'node:fs'
import path from 'node:path'

let byType: Map<string, string[]> | null = null

/**
 * The attributes of a resource type that its provider declares sensitive, as dotted paths through blocks, lists and
 * maps (`default_action.authenticate_oidc.client_secret`). A state does not reliably mark them itself. Empty for a
 * type without any, or one of a provider that sensitive.tsv does not cover.
 */
export function sensitivePaths(type: string): readonly string[] {
  byType ??= load()
  return byType.get(type) ?? []
}

function load(): Map<string, string[]> {
  const [, ...lines] = readFileSync(path.join(import.meta.dirname, 'sensitive.tsv'), 'utf8')
    .trim()
    .split('\n')
  const result = new Map<string, string[]>()
  for (const line of lines) {
    const [type = '', attribute = ''] = line.split('\t')
    const known = result.get(type)
    if (known) known.push(attribute)
    else result.set(type, [attribute])
  }
  return result
}
