import type { RawEvent } from '../../schemas/types.ts'
import { azureActor } from '../azure-actor.ts'
import type { CloudCall, Json, JsonObject, NoFinding } from '../finding.ts'
import { isObject } from '../paths.ts'

/**
 * A record of Azure's activity log as a CloudCall. Service and name are in lower case, as mappings have them: records
 * write operations in any. The request is the resource as the call wrote it: the body of the request, else, where
 * only the answer was recorded, that of the response; with
 *  - `id` and `parent`: the ARM ids of the resource and of what it is a child of, in lower case;
 *  - `name`: the last part of the id, as it was written;
 *  - `createdId`: the id again, only if the record says that the call created the resource;
 *  - `unseen`: true if the record has neither body, and so does not tell what was set.
 */
export function normalizeAzure(raw: RawEvent, record: JsonObject): CloudCall | NoFinding {
  const properties = object(record.properties)
  const id = resourceId(record, properties)
  if (id === null) return 'no-effect'
  const request = withoutMasks(bodyOf(own(properties, 'requestbody')))
  const response = withoutMasks(bodyOf(own(properties, 'responsebody')))
  const body = Object.keys(request).length > 0 ? request : response
  const slash = raw.name.indexOf('/')
  return {
    eventId: raw.eventId,
    provider: raw.provider,
    account: raw.account,
    region: raw.region,
    service: raw.service.toLowerCase(),
    name: raw.name.slice(slash + 1).toLowerCase(),
    time: raw.time,
    actor: azureActor(record),
    sourceEvent: {
      id: text(record.correlationId) ?? raw.eventId,
      source: raw.service,
      name: raw.name,
      time: new Date(raw.time).toISOString().replace('.000Z', 'Z'),
    },
    request: {
      ...body,
      id: id.toLowerCase(),
      name: text(body.name) ?? lastPart(id),
      parent: parentOf(id).toLowerCase(),
      ...(isCreation(record, properties) && { createdId: id.toLowerCase() }),
      ...(Object.keys(body).length === 0 && { unseen: true }),
    },
    response,
  }
}

/** `entity` keeps the case in which the caller wrote it. */
function resourceId(record: JsonObject, properties: JsonObject): string | null {
  const id = text(record.resourceId)
  const entity = text(properties.entity)
  if (id === null) return entity
  return entity?.toLowerCase() === id.toLowerCase() ? entity : id
}

/** `…/networkSecurityGroups/web/securityRules/ssh` is a child of `…/networkSecurityGroups/web`. */
function parentOf(id: string): string {
  return id.split('/').slice(0, -2).join('/')
}

function lastPart(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1)
}

function isCreation(record: JsonObject, properties: JsonObject): boolean {
  return [record.resultSignature, properties.statusCode].some((status) => {
    const word = typeof status === 'string' ? status.split('.').at(-1)!.toLowerCase() : String(status)
    return word === 'created' || word === '201'
  })
}

/** The names of the fields may begin in capitals: ARM does not mind. Those of tags are the user's own. */
function bodyOf(value: Json | undefined): JsonObject {
  return object(camelCase(value ?? null))
}

function camelCase(value: Json): Json {
  if (Array.isArray(value)) return value.map(camelCase)
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => {
    const name = key.charAt(0).toLowerCase() + key.slice(1)
    return [name, name === 'tags' ? inner : camelCase(inner)]
  })
  return Object.fromEntries(entries)
}

/** Azure hides tags, whether they were set or not: it is as if the body did not have them. */
function withoutMasks(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).filter(([key, value]) => !(key === 'tags' && typeof value === 'string')),
  )
}

/** The names of the bodies are written in several ways. */
function own(object: JsonObject, name: string): Json | undefined {
  const key = Object.keys(object).find((one) => one.toLowerCase() === name)
  return key === undefined ? undefined : object[key]
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
