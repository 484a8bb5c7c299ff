/**
 * Where schema ids come from: a registry, or a local file. Ids are those of the Confluent wire format.
 * Implementations live in streams/; both throw UnknownSchemaError for an id that nobody registered.
 */
export interface SchemaIds {
  /** Registers the schema under the subject if need be, and returns its id. Throws if it breaks compatibility. */
  register(subject: string, schema: string, compatibility: string): Promise<number>
  /** The schema text behind an id. */
  lookup(id: number): Promise<string>
}

/** No schema has this id: the record can never be decoded, which is a fault of the record. */
export class UnknownSchemaError extends Error {
  override name = 'UnknownSchemaError'
  readonly id: number
  constructor(id: number) {
    super(`no schema has id ${id}`)
    this.id = id
  }
}
