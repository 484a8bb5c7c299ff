import { Agent } from 'node:https'
import { type COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import type avro from 'avsc'
import { type SchemaIds, UnknownSchemaError } from '../schemas/ids.ts'
import { IncompatibleSchemaError } from './incompatible-schema.ts'
import { putJson } from './put-json.ts'

const ANSWER_WITHIN_MS = 15_000
/** Bounds the questions about a record that names a schema which does not exist. */
const REMEMBER_UNKNOWN_MS = 30_000
const MOST_UNKNOWN = 1_000

export interface ConfluentRegistryOptions {
  /** Base URL, with the path where the registry has one (Apicurio: /apis/ccompat/v7). */
  host: string
  auth?: { username: string; password: string }
  /** PEM texts: an authority of one's own, a certificate for a registry that wants one. Only with https. */
  tls?: { ca?: string; cert?: string; key?: string }
}

/**
 * Schema ids from a registry that speaks Confluent's API. What is not the schema's own fault (no connection, no
 * answer, 5xx) is thrown as it comes, and worth another try.
 */
export function confluentRegistry({ host, auth, tls }: ConfluentRegistryOptions): SchemaIds {
  const agent = tls && host.startsWith('https:') ? new Agent({ ...tls, keepAlive: true }) : undefined
  const registry = new SchemaRegistry({ host, ...(auth && { auth }), ...(agent && { agent }) })
  const unknownUntil = new Map<number, number>()

  async function register(subject: string, schema: string, compatibility: string): Promise<number> {
    // Some registries take the same schema with other white space for another one.
    const avro = { type: SchemaType.AVRO, schema: JSON.stringify(JSON.parse(schema)) } as const
    const options = { subject, compatibility: compatibility as COMPATIBILITY }
    const attempt = () => inTime(registry.register(avro, options))
    async function again(error: unknown): ReturnType<typeof attempt> {
      if (!isSetByAnother(error) && !isUnguarded(error)) throw error
      // The schema is stored first and its compatibility then: a crash between the two leaves it without.
      if (isUnguarded(error)) await inTime(guard(subject, compatibility))
      return attempt()
    }
    try {
      return (await attempt().catch(again)).id
    } catch (error) {
      throw refusal(host, explain(subject, compatibility, error))
    }
  }

  async function guard(subject: string, compatibility: string): Promise<void> {
    const login = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
    const url = `${host.replace(/\/$/, '')}/config/${encodeURIComponent(subject)}`
    const headers = login ? { authorization: `Basic ${login}` } : {}
    const status = await putJson(url, { compatibility }, { headers, agent })
    // 409: another instance has just done the same.
    if (status >= 300 && status !== 409) throw new Error(`the schema registry at ${host} answered ${status}`)
  }

  async function lookup(id: number): Promise<string> {
    if ((unknownUntil.get(id) ?? 0) > Date.now()) throw new UnknownSchemaError(id)
    try {
      const type = await inTime(registry.getSchema(id))
      if (isAvro(type)) return JSON.stringify(type.schema({ exportAttrs: true }))
    } catch (error) {
      if (statusOf(error) !== 404 && !isUnreadable(error)) throw refusal(host, error)
    }
    if (unknownUntil.size >= MOST_UNKNOWN) unknownUntil.clear()
    unknownUntil.set(id, Date.now() + REMEMBER_UNKNOWN_MS)
    throw new UnknownSchemaError(id)
  }

  async function inTime<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const message = `the schema registry at ${host} has not answered within ${ANSWER_WITHIN_MS} ms`
      timer = setTimeout(() => reject(new Error(message)), ANSWER_WITHIN_MS)
    })
    try {
      return await Promise.race([answer, late])
    } finally {
      clearTimeout(timer)
    }
  }

  return { register, lookup }
}

/** What the configuration is to blame for, in its own words; else the error itself. */
function refusal(host: string, error: unknown): unknown {
  if (statusOf(error) === 401 || statusOf(error) === 403) {
    const why = `the schema registry at ${host} refuses this user; correct user and password`
    return new Error(`bus.kafka.registryAuth: ${why}`, { cause: error })
  }
  if (!(error instanceof Error)) return error
  if (Number(statusOf(error)) >= 500) {
    const why = `the schema registry at ${host} answered ${statusOf(error)}; its own log says why`
    return new Error(`bus.kafka.registry: ${why}`, { cause: error })
  }
  // The client keeps of a failed connection only the words, and calls it a status of 400.
  const [, code] = /\b(?:connect|getaddrinfo|read|write) (E[A-Z_]+)\b/.exec(error.message) ?? []
  if (code) {
    const why = `the schema registry at ${host} cannot be reached (${code}); correct the address, or start it`
    return new Error(`bus.kafka.registry: ${why}`, { cause: error })
  }
  if (!/certificate/.test(error.message)) return error
  const why = /expired|altnames/.test(error.message)
    ? `the certificate of the schema registry at ${host} is not valid for it; mend it there`
    : `the schema registry at ${host} shows a certificate of an unknown authority; name the file of that authority`
  return new Error(`bus.kafka.registrySsl.ca: ${why}`, { cause: error })
}

function explain(subject: string, compatibility: string, error: unknown): unknown {
  if (statusOf(error) === 409) {
    return new IncompatibleSchemaError(
      subject,
      `not ${compatibility} compatible with what is registered: add fields with defaults, rename and remove none`,
      { cause: error },
    )
  }
  if (error instanceof Error && error.name === 'ConfluentSchemaRegistryCompatibilityError') {
    const why = `the registry holds it to another compatibility than ${compatibility}: set that in the registry`
    return new IncompatibleSchemaError(subject, why, { cause: error })
  }
  return error
}

/** The subject is held to nothing: nobody has set it, or not yet. */
function isUnguarded(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'ConfluentSchemaRegistryCompatibilityError' &&
    error.message.includes('!= NONE')
  )
}

function isAvro(type: object): type is avro.Type {
  return 'schema' in type && typeof type.schema === 'function'
}

/** Two instances have registered the first version at once: Apicurio lets only one of them store the compatibility. */
function isSetByAnother(error: unknown): boolean {
  return (
    error instanceof Error &&
    'url' in error &&
    statusOf(error) === 409 &&
    /^put .*\/config\//i.test(String(error.url))
  )
}

/** The id belongs to a schema that is not Avro, or not one that can be read: as good as unknown. */
function isUnreadable(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConfluentSchemaRegistryArgumentError'
}

function statusOf(error: unknown): unknown {
  return error instanceof Error && 'status' in error ? error.status : undefined
}
