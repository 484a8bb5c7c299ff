import type { EffectOf } from '../../mappings/format.ts'
import { canonical } from '../compare/canonical.ts'
import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'
import { pathsOf } from '../template.ts'

type Mapped = EffectOf<'update'> | EffectOf<'put'>

/**
 * The parameters of a call, at any depth, that the mapping does not know: where there are any, "nothing differs" would
 * be a guess. `compared`: paths that something else has compared.
 */
export function unknownParameters(
  effect: Mapped,
  request: JsonObject,
  compared: readonly string[] = [],
): string[] {
  const known = knownPaths(effect)
  for (const path of compared) known.add(plain(path))
  return Object.entries(request).flatMap(([name, value]) => unknownIn(name, value, known))
}

/** A known path covers all that lies below it; above it each part must be known by itself. */
function unknownIn(path: string, value: Json, known: ReadonlySet<string>): string[] {
  if (known.has(path) || path.endsWith('.xmlns') || canonical(value) === null) return []
  if (![...known].some((one) => one.startsWith(`${path}.`))) return [path]
  if (Array.isArray(value)) return value.flatMap((element) => unknownIn(path, element, known))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => unknownIn(`${path}.${name}`, inner, known))
}

const cache = new WeakMap<Mapped, ReadonlySet<string>>()

function knownPaths(effect: Mapped): Set<string> {
  let known = cache.get(effect)
  if (!known) {
    known = new Set(mappedPaths(effect).map(plain))
    cache.set(effect, known)
  }
  return new Set(known)
}

function mappedPaths(effect: Mapped): string[] {
  const { each = '', when = {}, attributes, adds, takes, upserts, drops, ignore, hidden } = effect
  const inlines = 'inline' in effect ? effect.inline : []
  const paths = [
    ...[attributes, adds, takes, upserts, drops, hidden, when].flatMap((table) => Object.keys(table)),
    ...ignore,
    ...inlines.flatMap(({ id, element, value }) => [
      ...pathsOf(id),
      ...(typeof element === 'object' ? Object.values(element) : element ? [element] : []),
      ...(value ? [value] : []),
    ]),
    ...pathsOf(effect.id),
  ]
  return [each, ...paths.map((path) => path.replace(/^item\./, `${each}.`))]
}

/** Without the places in lists. */
function plain(path: string): string {
  return path.replaceAll(/\[[^\]]*\]/g, '')
}
