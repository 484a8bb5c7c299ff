import type { EffectOf } from '../../mappings/format.ts'
import { canonical } from '../compare/canonical.ts'
import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'
import { pathsOf } from '../template.ts'

type Mapped = EffectOf<'update'> | EffectOf<'put'>

/**
 * The parameters of a call, at any depth, that the mapping does not know: where there are any, "nothing differs" would
 * be a guess. `compared`: parameters that something else has compared.
 */
export function unknownParameters(
  effect: Mapped,
  request: JsonObject,
  compared: readonly string[] = [],
): string[] {
  const known = knownPaths(effect)
  const elsewhere = new Set(compared.map(plain))
  return Object.entries(request).flatMap(([name, value]) => unknownIn(name, value))

  /** A known path covers all that lies below it; above it each part must be known by itself. */
  function unknownIn(path: string, value: Json): string[] {
    if (known.paths.has(path) || elsewhere.has(path)) return []
    if (path.endsWith('.xmlns') || canonical(value) === null) return []
    if (!known.parents.has(path) && !compared.some((one) => plain(one).startsWith(`${path}.`))) return [path]
    if (Array.isArray(value)) return value.flatMap((element) => unknownInElement(path, element))
    if (!isObject(value)) return []
    return Object.entries(value).flatMap(([name, inner]) => unknownIn(`${path}.${name}`, inner))
  }

  /** Of a list whose elements are told apart by a field, those that no path picks are unknown. */
  function unknownInElement(path: string, element: Json): string[] {
    const picked = known.picks.get(path)
    if (!picked || !isObject(element)) return unknownIn(path, element)
    return Object.entries(element).flatMap(([name, inner]) => {
      const values = picked.get(name)
      if (!values) return unknownIn(`${path}.${name}`, inner)
      return values.has(String(inner)) || canonical(inner) === null ? [] : [`${path}[${name}=${inner}]`]
    })
  }
}

interface Known {
  paths: ReadonlySet<string>
  /** What known paths lie below. */
  parents: ReadonlySet<string>
  /** Path of a list → the field that tells its elements apart → the values that paths name. */
  picks: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>
}

const cache = new WeakMap<Mapped, Known>()

function knownPaths(effect: Mapped): Known {
  let known = cache.get(effect)
  if (!known) {
    const written = mappedPaths(effect)
    const paths = written.map(plain)
    const parents = paths.flatMap((path) =>
      path
        .split('.')
        .slice(0, -1)
        .map((_, i, parts) => parts.slice(0, i + 1).join('.')),
    )
    known = { paths: new Set(paths), parents: new Set(parents), picks: picksOf(written) }
    cache.set(effect, known)
  }
  return known
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

function picksOf(paths: readonly string[]): Known['picks'] {
  const picks = new Map<string, Map<string, Set<string>>>()
  for (const path of paths) {
    for (const { index, 1: field, 2: value } of path.matchAll(/\[([^\]=]+)=([^\]]*)\]/g)) {
      const list = plain(path.slice(0, index))
      const fields = picks.get(list) ?? new Map<string, Set<string>>()
      picks.set(list, fields.set(field!, (fields.get(field!) ?? new Set<string>()).add(value!)))
    }
  }
  return picks
}

/** Without the places in lists. */
function plain(path: string): string {
  return path.replaceAll(/\[[^\]]*\]/g, '')
}
