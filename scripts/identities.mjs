// Prints mappings/identities.tsv: what names the resources of each type, and whether they belong to a region.
//
//   node scripts/identities.mjs aws-resources.tsv google-ids.tsv google-resources.tsv azure-resources.tsv \
//     > mappings/identities.tsv
//
// The inputs are tables with a header line, as an index of the providers' sources gives them: for AWS the declared
// resource identities and tag identifiers, for Google the templates of ids, for Azure the formats of ids.
import { readFileSync } from 'node:fs'

const [aws, googleIds, googleResources, azure] = process.argv.slice(2).map(rowsOf)
if (!azure) throw new Error('give aws-resources, google-ids, google-resources and azure-resources')

const types = new Map()
for (const row of aws) add(row.resource_type, awsNames(row), isGlobalAws(row))
for (const row of googleIds) add(row.resource_type, googleNames(row), isGlobalGoogle(row))
for (const row of googleResources) add(row.resource_type, assetNames(row), false)
for (const row of azure) add(row.resource_type, azureNames(row), true)

const lines = [...types]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([type, { names, global }]) => `${type}\t${[...names].join(' ')}\t${global ? 'global' : ''}`)
process.stdout.write(`resource_type\tnames\tscope\n${lines.join('\n')}\n`)

function add(type, names, global) {
  if (!/^[a-z0-9_]+$/.test(type)) return
  const known = types.get(type) ?? { names: new Set(), global }
  for (const name of names) known.names.add(name)
  types.set(type, known)
}

/** Attributes that identify it, as one name if there are several; `x=y` is read from attribute y, `x?` is optional. */
function awsNames({ identity_attributes, identity_duplicate_attributes, tags_identifier_attribute }) {
  const parts = identity_attributes
    .split(',')
    .filter((one) => one !== '' && !/^(account_id|region)\b/.test(one))
  const attributes = parts.map((one) => one.replace(/\?$/, '').replace(/:\w+$/, '').split('=').at(-1))
  const isWhole = parts.length < 2 || parts.every((one) => one.endsWith('?'))
  const composite = attributes.map((one, at) =>
    parts[at].endsWith('?') ? `[/{${one}}]` : `${at > 0 ? '/' : ''}{${one}}`,
  )
  const identity = isWhole ? attributes : [composite.join('')]
  const names = [...identity, ...identity_duplicate_attributes.split(','), tags_identifier_attribute]
  return names.filter((name) => !['', '*', 'id', 'arn'].includes(name))
}

/** S3 has regions, but no bucket's name is given twice in the world, and its resources have no region in their ARNs. */
function isGlobalAws({ scope, resource_type }) {
  return scope === 'global' || /^aws_s3(control)?_/.test(resource_type)
}

/** The ids of grants end in their conditions, which are no attribute: nothing is composed of them. */
function googleNames({ kind, id_template, read_path }) {
  return kind === 'resource' ? [id_template, read_path].flatMap(template) : []
}

/** Names of the asset inventory, which audit logs use too. */
function assetNames({ cai_asset_name_formats }) {
  return cai_asset_name_formats.split(';').flatMap(template)
}

function template(text) {
  const plain = text
    .replace(/^\/\/[^/]+\//, '')
    .replace(/^v\d+\w*\//, '')
    // Encoded for links; few names have anything to encode.
    .replaceAll('{{%', '{{')
  if (!plain.includes('{{') || /[?:|]/.test(plain)) return []
  const [, only] = /^\{\{(\w+)\}\}$/.exec(plain) ?? []
  return [only ?? plain.replaceAll('{{', '{').replaceAll('}}', '}')].filter(
    (name) => !['id', 'project'].includes(name),
  )
}

/** An id that begins with something else may have its place in that. Buckets have regions, and names like Amazon's. */
function isGlobalGoogle({ resource_type, id_template }) {
  if (resource_type.startsWith('google_storage_bucket')) return true
  const isWhole = /^(projects|folders|organizations)\/|^\{\{(project|folder|org_id)\}\}/.test(id_template)
  return isWhole && !/\{\{(\w*_)?(zone|region|location)\}\}|locations\/(?!global)/.test(id_template)
}

/** What is reached by a host of its own has another id in Azure's logs than in states. */
function azureNames({ id_format }) {
  return id_format.startsWith('https:')
    ? ['resource_manager_id', 'resource_versionless_id', 'resource_id']
    : []
}

function rowsOf(file) {
  const [header, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n')
  const columns = header.split('\t')
  return lines.map((line) => {
    const cells = line.split('\t')
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))
  })
}
