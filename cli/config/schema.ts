import { z } from 'zod'
import { defaultOwnerTags } from '../../processors/owner.ts'
import { severities } from '../../processors/severity.ts'
import { durationSchema, longDurationSchema } from '../durations.ts'
import { busSchema } from './bus-schema.ts'
import { cachesSchema } from './caches-schema.ts'
import { type ConnectorKinds, connectorSchema } from './connector-schema.ts'
import { routingSchema } from './routing-schema.ts'
import { runbooksSchema } from './runbooks-schema.ts'
import { type SinkKinds, sinkSchema } from './sink-schema.ts'
import { syncModeSchema } from './sync-mode-schema.ts'

/** Where alerts go when nothing is said. */
export const DEFAULT_SINKS = { console: { kind: 'console' } }

const severity = z.enum(severities)

const globs = z
  .array(
    z.string().regex(/^[^!]/, { error: 'must not be empty or begin with !; include and exclude say which' }),
  )
  .min(1)
  .optional()

const globsByField = z
  .strictObject({
    provider: globs,
    account: globs,
    region: globs,
    service: globs,
    event: globs,
    actor: globs,
  })
  .prefault({})

const secretKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}=$/, {
    error: 'must be 32 bytes in base64; make one with: openssl rand -base64 32',
  })
  .optional()

// Part of a consumer group's name and of a key whose parts | divides.
const sinkName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, {
  error: 'is not a sink name; use letters, digits, "_" and "-"',
})

/** The schema of a whole configuration file. The connectors' own settings come from their registries. */
export function createConfigSchema<
  So extends ConnectorKinds,
  St extends ConnectorKinds,
  Si extends SinkKinds,
>(registries: { sources: So; states: St; sinks: Si }) {
  return z.strictObject({
    dataDir: z.string().min(1).default('./data'),
    bus: busSchema,
    sources: z.array(connectorSchema(registries.sources)).default([]),
    states: z.array(connectorSchema(registries.states)).default([]),
    sync_mode: syncModeSchema,
    rules: z.array(z.string().min(1)).default([]),
    shippedRules: z.boolean().default(true),
    rulesReload: durationSchema.prefault('5s'),
    runbooks: runbooksSchema,
    ignore: z.array(z.string().min(1)).optional(),
    filters: z.strictObject({ include: globsByField, exclude: globsByField }).prefault({}),
    alerts: z
      .strictObject({
        info: z.boolean().default(false),
        severity: z
          .strictObject({
            attribute_drift: severity.default('info'),
            unmanaged_resource: severity.default('medium'),
            resource_deleted: severity.default('high'),
            signal: z.enum([...severities, 'priority']).default('priority'),
          })
          .prefault({}),
        unmanaged: z.enum(['creations', 'any']).default('creations'),
        ownerTags: z.array(z.string().min(1)).default([...defaultOwnerTags]),
        expireAfter: longDurationSchema.prefault('never'),
      })
      .prefault({}),
    terraform: z
      .strictObject({
        principals: globs,
        settle: durationSchema.prefault('15m'),
        longestApply: durationSchema.prefault('2h'),
      })
      .prefault({}),
    caches: cachesSchema,
    sinks: z.record(sinkName, sinkSchema(registries.sinks)).prefault(DEFAULT_SINKS as never),
    routing: routingSchema,
    http: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1'),
        port: z.int().min(0).max(65_535).default(8080),
      })
      .prefault({}),
    secrets: z.strictObject({ hashKey: secretKey, deadLetterKey: secretKey }).prefault({}),
    log: z
      .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') })
      .prefault({}),
  })
}
