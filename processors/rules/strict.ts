import { z } from 'zod'

/**
 * An object of a rule file. Every custom message of the schemas is a fix, except that of an unknown key, which is the
 * list of the known ones: faults.ts says what is wrong and where.
 */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
  })
}
