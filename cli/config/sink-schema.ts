import { z } from 'zod'
import { type DeliverySettings, deliverySettings } from '../../connectors/sinks/delivery-settings.ts'
import { durationSchema } from '../durations.ts'
import { type ConnectorConfig, type ConnectorKinds, connectorSchema } from './connector-schema.ts'

/** deliverySettings as people write them; the defaults are theirs. */
const written = z.strictObject({
  timeout: durationSchema
    .refine((ms) => ms <= 600_000, { error: 'is too long; write 10m or less' })
    .optional(),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(1).optional(),
      minDelay: durationSchema.optional(),
      maxDelay: durationSchema.optional(),
      maxElapsed: durationSchema.optional(),
    })
    .optional(),
})

/** The schema of a sink: its kind's own settings, and how long to wait and to keep trying. */
export function sinkSchema<R extends ConnectorKinds>(kinds: R): z.ZodType<ConnectorConfig<R>> {
  return connectorSchema(kinds, {
    schema({ shape, def }) {
      const { timeoutMs: _, retry: __, ...own } = shape
      // The kind's own rules over several fields come along.
      return z.strictObject({ ...own, ...written.shape }).check(...((def.checks ?? []) as never[]))
    },
    value: ({ timeout, retry, ...own }) => ({
      ...own,
      ...toSettings({ timeout, retry } as z.output<typeof written>),
    }),
  })
}

function toSettings({ timeout, retry }: z.output<typeof written>): DeliverySettings {
  return deliverySettings.parse({
    timeoutMs: timeout,
    retry: {
      maxAttempts: retry?.maxAttempts,
      minMs: retry?.minDelay,
      maxMs: retry?.maxDelay,
      maxElapsedMs: retry?.maxElapsed,
    },
  })
}
