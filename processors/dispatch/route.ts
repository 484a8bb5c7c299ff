import picomatch from 'picomatch'
import type { Alert } from '../../schemas/types.ts'
import { DEFAULT_ROUTING } from '../channels.ts'

type Globs = readonly string[] | undefined

/** Each field stands on its own; all that are given must hold. */
export interface RouteMatch {
  severity?: Globs
  type?: Globs
  provider?: Globs
  account?: Globs
  resource_type?: Globs
  /** Ids of matched rules. */
  rule?: Globs
  /** Globs for the values, by the tag's name. */
  tag?: Readonly<Record<string, readonly string[]>> | undefined
}

export interface Routing {
  default: readonly string[]
  rules: readonly { match: RouteMatch; sinks: readonly string[]; continue: boolean }[]
}

type Routed = Pick<
  Alert,
  'severity' | 'type' | 'resource' | 'actor' | 'matchedRules' | 'resourceTags' | 'channels'
>

/**
 * Compiles the routing into the names of the sinks that an alert goes to. What its rules name comes first, as far as it
 * is configured; where that is nothing, or DEFAULT_ROUTING is among it, the first route that matches, and the next ones
 * while they say `continue`; else the default.
 */
export function compileRouting(
  routing: Routing,
  sinks: readonly string[],
): (alert: Routed) => ReadonlySet<string> {
  const configured = new Set(sinks)
  const fallback = new Set(routing.default)
  const rules = routing.rules.map((rule) => ({ ...rule, matches: compileMatch(rule.match) }))

  return function sinksOf(alert) {
    const named = alert.channels.filter((channel) => configured.has(channel))
    const isRest = named.length === 0 || alert.channels.includes(DEFAULT_ROUTING)
    return isRest ? new Set([...named, ...routedOf(alert)]) : new Set(named)
  }

  function routedOf(alert: Routed): ReadonlySet<string> {
    const found = new Set<string>()
    let isRouted = false
    for (const rule of rules) {
      if (!rule.matches(alert)) continue
      isRouted = true
      for (const sink of rule.sinks) found.add(sink)
      if (!rule.continue) break
    }
    return isRouted ? found : fallback
  }
}

function compileMatch({ tag, ...globs }: RouteMatch): (alert: Routed) => boolean {
  const checks = (Object.entries(globs) as [keyof typeof values, Globs][]).flatMap(([field, patterns]) => {
    if (!patterns) return []
    const matches = anyGlob(patterns)
    return [(alert: Routed) => values[field](alert).some((value) => !!value && matches(value))]
  })
  for (const [name, patterns] of Object.entries(tag ?? {})) {
    const matches = anyGlob(patterns)
    checks.push(({ resourceTags }) => Object.hasOwn(resourceTags, name) && matches(resourceTags[name]!))
  }
  return (alert) => checks.every((check) => check(alert))
}

const values = {
  severity: ({ severity }: Routed) => [severity],
  type: ({ type }: Routed) => [type],
  // A signal has no resource.
  provider: ({ resource }: Routed) => [resource?.provider ?? 'falco'],
  account: ({ resource, actor }: Routed) => [resource?.account ?? actor.account],
  resource_type: ({ resource }: Routed) => [resource?.type],
  rule: ({ matchedRules }: Routed) => matchedRules.map(({ id }) => id),
}

function anyGlob(patterns: readonly string[]): (value: string) => boolean {
  // bash: a star crosses slashes.
  return picomatch([...patterns], { bash: true, dot: true, nocase: true, nonegate: true })
}
