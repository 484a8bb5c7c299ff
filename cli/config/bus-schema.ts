import { z } from 'zod'
import { durationSchema } from '../durations.ts'

const filePath = z.string().min(1)

const tlsFiles = z
  .strictObject({ ca: filePath.optional(), cert: filePath.optional(), key: filePath.optional() })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    error: 'has only one of cert and key; give both, or none',
  })

const ssl = z
  .union([z.boolean(), tlsFiles])
  .default(false)
  // `true` is TLS with the authorities that Node knows.
  .transform((value) => (value === true ? {} : value))

const credentials = { username: z.string().min(1), password: z.string().min(1) }

// An alternative for each, since Kafka clients type them so.
const sasl = z.discriminatedUnion('mechanism', [
  z.strictObject({ mechanism: z.literal('plain'), ...credentials }),
  z.strictObject({ mechanism: z.literal('scram-sha-256'), ...credentials }),
  z.strictObject({ mechanism: z.literal('scram-sha-512'), ...credentials }),
])

const kafka = z
  .strictObject({
    brokers: z
      .array(z.string().min(1))
      .min(1)
      .meta({ examples: [['localhost:9092']] })
      // Kafka's own form of a list, as environment variables hold it.
      .transform((all) => all.flatMap((one) => one.split(',').map((broker) => broker.trim()))),
    registry: z
      .url({ protocol: /^https?$/ })
      // The address stands in messages.
      .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), {
        error: 'must not hold a user; give it as registryAuth: user:password',
      })
      .meta({ examples: ['http://localhost:8081'] }),
    registryAuth: z
      .string()
      .regex(/^[^:]+:/, { error: 'must be user:password; write both, with a colon between them' })
      .optional(),
    registrySsl: tlsFiles.optional(),
    replicationFactor: z.int().min(1).default(1),
    sessionTimeout: durationSchema.prefault('10s'),
    clientId: z.string().min(1).default('tfdrift'),
    ssl,
    sasl: sasl.optional(),
  })
  .meta({ examples: [{ brokers: ['localhost:9092'], registry: 'http://localhost:8081' }] })

const common = {
  topicPrefix: z
    .string()
    .regex(/^[A-Za-z0-9._-]*$/, {
      error: 'is not part of a topic name; use letters, digits, ".", "_" and "-"',
    })
    .default('tfdrift.'),
  partitions: z.int().min(1).max(1000).default(6),
}

/** The `bus` section. The kafka part may stay in the file while the embedded bus is used. */
export const busSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('embedded').default('embedded'), ...common, kafka: kafka.optional() }),
    z.strictObject({ kind: z.literal('kafka'), ...common, kafka }),
  ])
  .prefault({})
