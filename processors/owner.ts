/** The tags that say who looks after a resource, the first of them that is there. */
export const defaultOwnerTags = [
  'Owner',
  'Team',
  'OwnerEmail',
  'Contact',
  'ContactEmail',
  'Maintainer',
  'ManagedByTeam',
  'Squad',
] as const

/** Who looks after a resource, as its tags say; null where none does. Names are of any case, `-`, `_` and spaces aside. */
export function ownerOf(
  tags: Readonly<Record<string, string>>,
  names: readonly string[] = defaultOwnerTags,
): string | null {
  const values = new Map<string, string>()
  for (const [name, value] of Object.entries(tags)) {
    const known = folded(name)
    if (value.trim() !== '' && !values.has(known)) values.set(known, value.trim())
  }
  for (const name of names) {
    const value = values.get(folded(name))
    if (value !== undefined) return value
  }
  return null
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, '')
}
