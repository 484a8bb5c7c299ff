import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'

/**
 * What an entry of BigQuery tells of a dataset or a table, wherever it stands: in the metadata of today's log, or in
 * the data of the former one, `datasetUpdateRequest.resource`. As `dataset` or `table`, its rights as `access`: the
 * entries that the API has.
 */
export function bigQueryBody(log: {
  body: JsonObject
  metadata: Json | undefined
  serviceData: Json | undefined
}): JsonObject {
  return { ...log.body, ...newForm(object(log.metadata)), ...oldForm(object(log.serviceData)) }
}

function newForm(metadata: JsonObject): JsonObject {
  const told = Object.entries(metadata).filter(([name]) => /^(dataset|table)(Change|Creation)$/.test(name))
  return Object.fromEntries(
    told.flatMap(([, value]): [string, Json][] => {
      const { dataset, table } = object(value)
      if (isObject(dataset)) return [['dataset', rights(plain(dataset, 'datasetInfo'))]]
      return isObject(table) ? [['table', plain(table, 'tableInfo')]] : []
    }),
  )
}

function oldForm(data: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, value]): [string, Json][] => {
      const [, kind] = /^(dataset|table)(?:Insert|Update|Patch)Request$/.exec(name) ?? []
      const { resource } = object(value)
      if (kind === undefined || !isObject(resource)) return []
      return [[kind, oldRights(plain(resource, 'info'))]]
    }),
  )
}

/** Without when it was made; what describes it in one object with the rest. */
function plain(told: JsonObject, info: string): JsonObject {
  const { createTime, updateTime, truncateTime, etag, policy, schemaJson, [info]: described, ...own } = told
  const hasSchema = typeof schemaJson === 'string' && schemaJson.includes('"fields"')
  return { ...own, ...(hasSchema && { schema: schemaJson }), ...object(described) }
}

/** Views that may read a dataset are told apart from who may: then nothing is known of the whole. */
function rights({ acl, ...told }: JsonObject): JsonObject {
  const { policy, authorizedViews } = object(acl)
  if (!isObject(policy) || authorizedViews !== undefined)
    return { ...told, ...(acl !== undefined && { acl }) }
  const bindings = Array.isArray(policy.bindings) ? policy.bindings.filter(isObject) : []
  return {
    ...told,
    access: bindings.flatMap(({ role, members }) =>
      (Array.isArray(members) ? members : []).map((member) => entry(String(role), String(member))),
    ),
  }
}

const roles: Readonly<Record<string, string>> = {
  'roles/bigquery.dataOwner': 'OWNER',
  'roles/bigquery.dataEditor': 'WRITER',
  'roles/bigquery.dataViewer': 'READER',
}

const kinds: Readonly<Record<string, string>> = {
  user: 'userByEmail',
  serviceAccount: 'userByEmail',
  group: 'groupByEmail',
  domain: 'domain',
}

const groups: Readonly<Record<string, string>> = {
  projectOwner: 'projectOwners',
  projectEditor: 'projectWriters',
  projectReader: 'projectReaders',
  projectViewer: 'projectReaders',
}

function entry(role: string, member: string): JsonObject {
  const [kind = '', name = ''] = member.split(/:(.*)/s)
  const who: JsonObject = groups[kind]
    ? { specialGroup: groups[kind] }
    : member === 'allAuthenticatedUsers'
      ? { specialGroup: member }
      : { [kinds[kind] ?? 'iamMember']: kinds[kind] ? name : member }
  return { role: roles[role] ?? role, ...who }
}

/** The former log has the API's entries, but for some names. */
function oldRights({ acl, ...told }: JsonObject): JsonObject {
  const { entries } = object(acl)
  if (!Array.isArray(entries)) return { ...told, ...(acl !== undefined && { acl }) }
  return {
    ...told,
    access: entries.filter(isObject).map(({ userEmail, groupEmail, specialGroup, ...rest }) => ({
      ...rest,
      ...(userEmail !== undefined && { userByEmail: userEmail }),
      ...(groupEmail !== undefined && { groupByEmail: groupEmail }),
      ...(specialGroup !== undefined && { specialGroup: oldGroups[String(specialGroup)] ?? specialGroup }),
    })),
  }
}

const oldGroups: Readonly<Record<string, string>> = {
  PROJECT_OWNERS: 'projectOwners',
  PROJECT_WRITERS: 'projectWriters',
  PROJECT_READERS: 'projectReaders',
  ALL_AUTHENTICATED_USERS: 'allAuthenticatedUsers',
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}
