import { type SchemaIds, UnknownSchemaError } from '../../schemas/ids.ts'

/** Schema ids that nobody checks and that live as long as the test. */
export function memoryIds(): SchemaIds {
  const texts: string[] = []
  return {
    async register(_, schema) {
      if (!texts.includes(schema)) texts.push(schema)
      return texts.indexOf(schema) + 1
    },
    async lookup(id) {
      const text = texts[id - 1]
      if (text === undefined) throw new UnknownSchemaError(id)
      return text
    },
  }
}
