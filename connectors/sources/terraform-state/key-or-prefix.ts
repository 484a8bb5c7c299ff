import type { z } from 'zod'

interface Named {
  key?: string | undefined
  prefix?: string | undefined
}

/** The rule of states in buckets: one of `key` and `prefix` says which; a version is one of a key. */
export function keyOrPrefix(version: string): z.core.CheckFn<Named> {
  return ({ value, issues }) => {
    const refuse = (path: string, message: string) =>
      void issues.push({ code: 'custom', path: [path], message, input: value })
    if (value.key === undefined && value.prefix === undefined)
      refuse('key', 'missing; give key for one state, or prefix for all below it')
    else if (value.key !== undefined && value.prefix !== undefined)
      refuse('prefix', 'given beside key; take one of the two away')
    else if (value.key === undefined && (value as Record<string, unknown>)[version] !== undefined)
      refuse(version, 'is of one state; give key instead of prefix')
  }
}
