import { z } from 'zod'
import { createConfigSchema } from '../../../cli/config/schema.ts'
import { validateConfig } from '../../../cli/config/validate.ts'
import { deliverySettings } from '../../../connectors/sinks/delivery-settings.ts'

const machines = { audience: 'machines', groups: false } as const

/** Connectors of every shape that a registry may hold: strict and lax schemas, lists, unions, defaults. */
export const registries = {
  sources: {
    files: {
      configSchema: z.strictObject({ paths: z.array(z.string()).min(1), watch: z.boolean().default(false) }),
    },
    queue: { configSchema: z.object({ url: z.url() }) },
  },
  states: {
    file: { configSchema: z.strictObject({ path: z.string(), account: z.string().optional() }) },
  },
  sinks: {
    console: { configSchema: z.strictObject({}).extend(deliverySettings.shape), ...machines },
    webhook: {
      ...machines,
      configSchema: z
        .strictObject({ url: z.url(), secret: z.union([z.string(), z.array(z.string())]).optional() })
        .extend(deliverySettings.shape),
    },
    chat: {
      audience: 'people' as const,
      groups: true,
      limit: { count: 1, perMs: 1_000 },
      configSchema: z.strictObject({}).extend(deliverySettings.shape),
    },
  },
}

export const schema = createConfigSchema(registries)

export function validate(text: string, env: Record<string, string> = {}, bus?: string) {
  return validateConfig(text, { file: 'tfdrift.yaml', schema, env, bus })
}

/** The lines of the error that this configuration gives. */
export function faultsOf(text: string, env: Record<string, string> = {}, bus?: string): string[] {
  try {
    validate(text, env, bus)
  } catch (error) {
    return (error as Error).message.split('\n')
  }
  return []
}
