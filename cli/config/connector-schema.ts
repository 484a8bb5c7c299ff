import { z } from 'zod'

/** A registry of connectors, as far as the configuration is concerned. The schemas are those of objects. */
export type ConnectorKinds = Record<string, { configSchema: z.ZodType }>

/** One connector: its kind, and its own settings as its registry's configSchema gave them. */
export type ConnectorConfig<R extends ConnectorKinds> = {
  [K in keyof R & string]: { kind: K; config: z.output<R[K]['configSchema']> }
}[keyof R & string]

/**
 * The schema of a connector, written flat: `kind` chooses among those of the registry, the other keys are that
 * kind's own. Unknown keys are faults, whatever the connector's own schema says. `adapt` may change what is
 * written: the object's schema, and what becomes of its value, `config` and what stands beside it.
 */
export function connectorSchema<R extends ConnectorKinds, Beside extends object = object>(
  kinds: R,
  adapt: {
    schema(own: z.ZodObject, kind: string): z.ZodObject
    value(own: Record<string, unknown>, kind: string): { config: Record<string, unknown> } & Beside
  } = { schema: (own) => own, value: (config) => ({ config }) as never },
): z.ZodType<ConnectorConfig<R> & Beside> {
  const options = Object.entries(kinds).map(([kind, { configSchema }]) =>
    adapt
      .schema(configSchema as z.ZodObject, kind)
      .safeExtend({ kind: z.literal(kind) })
      .strict(),
  )
  const schema = z
    .discriminatedUnion('kind', options as unknown as [z.ZodObject, ...z.ZodObject[]])
    .transform(({ kind, ...own }) => ({ kind, ...adapt.value(own, kind as string) }))
  return schema as unknown as z.ZodType<ConnectorConfig<R> & Beside>
}
