/** Of fewer resources most go by hand now and then. */
const FEW = 10

/** Whether a state has lost so much that a mistake is likelier than a wish: more than half of no few resources. */
export function hasShrunk(had: number, has: number): boolean {
  return had >= FEW && has * 2 < had
}

/** Of the keys of a state's records those of resources. */
export function resourcesIn(keys: readonly string[]): string[] {
  return keys.filter((key) => !key.startsWith('__sync|'))
}
