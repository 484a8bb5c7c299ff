import { z } from 'zod'
import { durationSchema } from '../durations.ts'

const terraformCommand = z.enum(['terraform apply', 'terraform destroy'])
const commands = terraformCommand.options

/** The wait between two looks where only events cause one: the longest that a timer can have. */
const NEVER_MS = 2 ** 31 - 1
const PERIOD_MS = 300_000

/**
 * When states are read again: after an interval, when Terraform is seen at work, or both. What several modes say counts
 * together: the shortest interval, and every trigger.
 */
export const syncModeSchema = z
  .strictObject({
    periodic: z.strictObject({ interval: durationSchema.prefault('5m') }).optional(),
    event_driven: z.strictObject({ triggers: z.array(terraformCommand).default(commands) }).optional(),
    hybrid: z
      .strictObject({
        base_interval: durationSchema.prefault('10m'),
        event_triggers: z.boolean().default(true),
      })
      .optional(),
  })
  .prefault({})
  .transform(({ periodic, event_driven: byEvents, hybrid }) => {
    const intervals = [periodic?.interval, hybrid?.base_interval].filter((ms) => ms !== undefined)
    const triggers = [...(byEvents?.triggers ?? []), ...(hybrid?.event_triggers ? commands : [])]
    const otherwise = byEvents ? NEVER_MS : PERIOD_MS
    return {
      intervalMs: intervals.length > 0 ? Math.min(...intervals) : otherwise,
      triggers: [...new Set(triggers)],
    }
  })

export type TerraformCommand = z.output<typeof terraformCommand>
