import { z } from 'zod'
import { type DeliverySettings, deliverySettings } from '../../connectors/sinks/delivery-settings.ts'
import { durationSchema } from '../durations.ts'
import { type ConnectorConfig, connectorSchema } from './connector-schema.ts'
import {
  type DispatchSettings,
  dispatchKeys,
  dispatchSettings,
  dispatchShape,
  type SinkNature,
} from './dispatch-schema.ts'

/** A registry of sinks, as far as the configuration is concerned. */
export type SinkKinds = Record<string, { configSchema: z.ZodType } & SinkNature>

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

/** The schema of a sink: its kind's own settings, how long to keep trying, and what goes out, when and how. */
export function sinkSchema<R extends SinkKinds>(
  kinds: R,
): z.ZodType<ConnectorConfig<R> & { dispatch: DispatchSettings }> {
  return connectorSchema(kinds, {
    schema({ shape, def }, kind) {
      const { timeoutMs: _, retry: __, ...own } = shape
      // The kind's own rules over several fields come along.
      return z
        .strictObject({ ...own, ...written.shape, ...dispatchShape(kinds[kind]!) })
        .check(...((def.checks ?? []) as never[]))
    },
    value({ timeout, retry, ...rest }, kind) {
      const own = Object.entries(rest).filter(([key]) => !dispatchKeys.includes(key))
      return {
        config: { ...Object.fromEntries(own), ...toSettings({ timeout, retry } as z.output<typeof written>) },
        dispatch: dispatchSettings(rest, kinds[kind]!),
      }
    },
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
