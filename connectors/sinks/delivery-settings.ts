import { z } from 'zod'

/** Node's timers fire at once beyond this: 24.8 days. */
const LONGEST = 2 ** 31 - 1

/** What every kind of sink takes, in milliseconds: the time of one attempt, and how long to keep trying. */
export const deliverySettings = z.strictObject({
  timeoutMs: z.int().min(1).max(600_000).default(15_000),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(1).optional(),
      minMs: z.int().min(1).max(LONGEST).default(500),
      maxMs: z.int().min(1).max(LONGEST).default(60_000),
      /** While a peer is away its alerts wait in the log, none is lost; after this the first becomes a dead letter. */
      maxElapsedMs: z.int().min(0).max(LONGEST).default(3_600_000),
    })
    .prefault({}),
})

export type DeliverySettings = z.output<typeof deliverySettings>
