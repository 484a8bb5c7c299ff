import { open, readFile, rename } from 'node:fs/promises'
import avro from 'avsc'
import { z } from 'zod'
import { type SchemaIds, UnknownSchemaError } from '../schemas/ids.ts'
import { IncompatibleSchemaError } from './incompatible-schema.ts'

/** `schemas[n]` has the id n + 1; a subject lists the ids of its versions, oldest first. */
const contents = z.strictObject({
  schemas: z.array(z.string()),
  subjects: z.record(z.string(), z.array(z.int().positive())),
})

/**
 * Schema ids from a JSON file, for the bus that has no registry beside it. One process at a time writes it. Losing the
 * file means losing every record that was written with it, so it is on the disk before an id is given out.
 */
export async function localRegistry(file: string): Promise<SchemaIds> {
  const { schemas, subjects } = await load(file)
  let last: Promise<unknown> = Promise.resolve()

  function register(subject: string, schema: string, compatibility: string): Promise<number> {
    const registered = last.then(() => add(subject, JSON.stringify(JSON.parse(schema)), compatibility))
    last = registered.catch(() => {})
    return registered
  }

  async function add(subject: string, text: string, compatibility: string): Promise<number> {
    const versions = subjects[subject] ?? []
    const known = schemas.indexOf(text) + 1
    if (versions.includes(known)) return known
    for (const id of versions) check(subject, { text, other: schemas[id - 1]!, id, compatibility })
    const id = known || schemas.length + 1
    const next = {
      schemas: known ? schemas : [...schemas, text],
      subjects: { ...subjects, [subject]: [...versions, id] },
    }
    await save(file, next)
    if (!known) schemas.push(text)
    subjects[subject] = [...versions, id]
    return id
  }

  async function lookup(id: number): Promise<string> {
    const text = schemas[id - 1]
    if (text === undefined) throw new UnknownSchemaError(id)
    return text
  }

  return { register, lookup }
}

function check(
  subject: string,
  { text, other, id, compatibility }: { text: string; other: string; id: number; compatibility: string },
): void {
  const [fresh, old] = [parse(text), parse(other)]
  try {
    fresh.createResolver(old)
    if (compatibility === 'FULL_TRANSITIVE') old.createResolver(fresh)
  } catch (cause) {
    const why = `not ${compatibility} compatible with its version of id ${id}: add fields with defaults, rename and remove none`
    throw new IncompatibleSchemaError(subject, why, { cause })
  }
}

function parse(text: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(text), { wrapUnions: false })
}

async function load(file: string): Promise<z.infer<typeof contents>> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { schemas: [], subjects: {} }
    throw error
  }
  try {
    return contents.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(
      `${file}: not a list of schemas: restore it from a backup; the log cannot be read without it`,
      { cause },
    )
  }
}

async function save(file: string, value: z.infer<typeof contents>): Promise<void> {
  const temporary = `${file}.new`
  const handle = await open(temporary, 'w')
  try {
    await handle.writeFile(`${JSON.stringify(value, null, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
}
