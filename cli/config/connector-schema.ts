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
 * written: the object's schema, and what becomes of its value.
 */
export function connectorSchema<R extends ConnectorKinds>(
  kinds: R,
  adapt: {
    schema(own: z.ZodObject): z.ZodObject
    value(own: Record<string, unknown>): Record<string, unknown>
  } = { schema: (own) => own, value: (own) => own },
): z.ZodType<ConnectorConfig<R>> {
  const options = Object.entries(kinds).map(([kind, { configSchema }]) =>
    adapt
      .schema(configSchema as z.ZodObject)
      .safeExtend({ kind: z.literal(kind) })
      .strict(),
  )
  const schema = z
    .discriminatedUnion('kind', options as unknown as [z.ZodObject, ...z.ZodObject[]])
    .transform(({ kind, ...own }) => ({ kind, config: adapt.value(own) }))
  return schema as unknown as z.ZodType<ConnectorConfig<R>>
}
