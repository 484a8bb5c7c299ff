import { z } from 'zod'

/** What can be said of a state wherever it is. */
export const commonStateConfig = {
  /** The account of a state whose resources do not name it. */
  account: z.string().optional(),
  /** Whether a state that has lost more than half of its resources is taken at its word at once. */
  acceptShrink: z.boolean().default(false),
}
