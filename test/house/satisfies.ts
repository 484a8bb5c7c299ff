type Version = [major: number, minor: number, patch: number]

/**
 * Whether a version lies in a range of package.json: comparators (`>=20.1`, `^16`, `~1.2`, `20`, `20.x`, `*`), those
 * beside each other all holding, with `||` between alternatives. Throws on anything else.
 */
export function satisfies(version: string, range: string): boolean {
  const parts = version.split('.').map(Number) as Version
  return range.split('||').some((alternative) =>
    alternative
      .replace(/([<>=^~])\s+/g, '$1')
      .split(/\s+/)
      .filter((comparator) => comparator !== '' && comparator !== '*')
      .every((comparator) => holds(parts, comparator)),
  )
}

function holds(version: Version, comparator: string): boolean {
  const [, operator = '', text = ''] =
    /^(>=|<=|>|<|=|\^|~)?v?(\d+(?:\.(?:\d+|[x*]))*)$/.exec(comparator) ?? []
  if (text === '') throw new Error(`not a range that this knows: ${comparator}`)
  const given = text.split('.').map(Number).filter(Number.isInteger)
  const [major = 0, minor = 0, patch = 0] = given
  const low: Version = [major, minor, patch]
  const order = compare(version, low)
  if (operator === '>=') return order >= 0
  if (operator === '<') return order < 0
  const high = next(low, fixedOf(operator, given))
  if (operator === '>') return compare(version, high) >= 0
  if (operator === '<=') return compare(version, high) < 0
  return order >= 0 && compare(version, high) < 0
}

/** How many of the leading numbers must stay as they are. */
function fixedOf(operator: string, given: readonly number[]): number {
  if (operator === '~') return Math.min(given.length, 2)
  if (operator !== '^') return given.length
  const significant = given.findIndex((number) => number !== 0)
  return significant < 0 ? given.length : significant + 1
}

/** The first version above those that share the first `fixed` numbers with this one. */
function next(version: Version, fixed: number): Version {
  return version.map((number, index) => {
    if (index < fixed - 1) return number
    return index === fixed - 1 ? number + 1 : 0
  }) as Version
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}
