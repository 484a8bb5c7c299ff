import { z } from 'zod'
import { durationSchema } from '../durations.ts'

const entries = (most: number) => z.int().min(1).max(10_000_000).default(most)

/** What is kept in memory of what could be worked out again, how much of it and for how long. */
export const cachesSchema = z
  .strictObject({
    stateRows: z.strictObject({ max: entries(50_000), ttl: durationSchema.prefault('5m') }).prefault({}),
    rules: z.strictObject({ ttl: durationSchema.prefault('1h') }).prefault({}),
    identities: z.strictObject({ max: entries(10_000), ttl: durationSchema.prefault('15m') }).prefault({}),
  })
  .prefault({})
