import picomatch from 'picomatch'

type Field = 'provider' | 'account' | 'region' | 'service' | 'event' | 'actor'
type Globs = { readonly [F in Field]?: readonly string[] | undefined }

/** Which events are looked at. */
export interface Filters {
  include: Globs
  exclude: Globs
}

export interface FilterSubject {
  provider: string
  account: string
  region: string
  /** The event's own service name, such as ec2.amazonaws.com. */
  service: string
  /** The call's name. */
  event: string
  /** Every name of the actor (name, email, ARN). Left out while the payload is unread: then not checked. */
  actor?: readonly string[]
}

/** Distinct values are few; only actors (session names) can be many. */
const CACHE_LIMIT = 10_000

/**
 * Compiles filters into a test whether to look at an event. Each field stands on its own: the event passes if
 * every field that `include` lists matches one of its globs there, and none matches one of `exclude`.
 * Case does not count, `*` also matches `/`. Verdicts are remembered per value, so that it costs a few map
 * look-ups an event.
 */
export function compileFilters(filters: Filters): (subject: FilterSubject) => boolean {
  const fields = ['provider', 'account', 'region', 'service', 'event', 'actor'] as const
  const checks = fields.flatMap((field) => {
    const { [field]: wanted } = filters.include
    const { [field]: unwanted } = filters.exclude
    if (!wanted && !unwanted) return []
    return [{ field, included: wanted && anyGlob(wanted), excluded: unwanted && anyGlob(unwanted) }]
  })

  return function passes(subject) {
    return checks.every(({ field, included, excluded }) => {
      const value = subject[field]
      if (value === undefined) return true
      const some = (test: (value: string) => boolean) =>
        typeof value === 'string' ? test(value) : value.some(test)
      return (!included || some(included)) && !(excluded && some(excluded))
    })
  }
}

function anyGlob(globs: readonly string[]): (value: string) => boolean {
  // bash: a star crosses slashes, which Azure's operations and ARNs contain.
  const matches = picomatch([...globs], { bash: true, dot: true, nocase: true, nonegate: true })
  const known = new Map<string, boolean>()
  return function matchesAny(value) {
    let verdict = known.get(value)
    if (verdict === undefined) {
      verdict = matches(value)
      if (known.size >= CACHE_LIMIT) known.clear()
      known.set(value, verdict)
    }
    return verdict
  }
}
