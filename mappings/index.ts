import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { type DescribedType, type Effect, serviceMapping, type TypeMapping } from './format.ts'
import { type Identities, loadIdentities } from './identities.ts'
import { parsedByBuild } from './parsed.ts'
import { loadReverts, type Reverts } from './reverts.ts'
import { usualNames } from './usual-names.ts'

/** Every mapping file. A new service is one file and one line here. */
const files = [
  'aws/ec2',
  'aws/s3',
  'aws/iam',
  'aws/rds',
  'aws/lambda',
  'aws/dynamodb',
  'aws/elasticache',
  'aws/elasticfilesystem',
  'aws/es',
  'aws/redshift',
  'aws/appmesh',
  'aws/bedrock',
  'aws/cloudhsm',
  'aws/codebuild',
  'aws/glacier',
  'aws/glue',
  'aws/macie2',
  'aws/route53resolver',
  'aws/securityhub',
  'aws/cloudtrail',
  'aws/config',
  'aws/events',
  'aws/firehose',
  'aws/guardduty',
  'aws/kinesis',
  'aws/kms',
  'aws/logs',
  'aws/monitoring',
  'aws/organizations',
  'aws/secretsmanager',
  'aws/sns',
  'aws/sqs',
  'aws/ssm',
  'aws/states',
  'aws/wafv2',
  'azure/authorization',
  'azure/compute',
  'azure/keyvault',
  'aws/ecs',
  'aws/eks',
  'aws/ecr',
  'aws/elasticloadbalancing',
  'aws/autoscaling',
  'aws/apigateway',
  'aws/cloudfront',
  'aws/route53',
  'aws/acm',
  'azure/insights',
  'azure/network',
  'azure/security',
  'azure/sql',
  'azure/storage',
  'gcp/cloudsql',
  'gcp/compute',
  'gcp/container',
  'gcp/dns',
  'gcp/apikeys',
  'gcp/appengine',
  'gcp/artifact-registry',
  'gcp/bigquery',
  'gcp/deployment-manager',
  'gcp/functions',
  'gcp/iam',
  'gcp/iap',
  'gcp/kms',
  'gcp/logging',
  'gcp/monitoring',
  'gcp/pubsub',
  'gcp/redis',
  'gcp/resource-manager',
  'gcp/run',
  'gcp/secret-manager',
  'gcp/service-usage',
  'gcp/storage',
]

/**
 * Parameters of any call of a provider that carry nothing that Terraform declares: what makes a call repeatable,
 * headers, what the API itself writes into a body, and what the normalisers add (processors/normalize).
 */
const always: Readonly<Record<string, readonly string[]>> = {
  aws: ['clientToken', 'clientRequestToken', 'dryRun', 'Host', 'host', 'xmlns'],
  azure: [
    ...['id', 'name', 'parent', 'createdId'],
    ...['type', 'etag', 'location', 'systemData', 'properties.provisioningState', 'properties.resourceGuid'],
  ],
  gcp: [
    ...['id', 'name', 'bodyName', 'bucket', 'project', 'folder', 'organization', 'root', 'collection'],
    ...[
      'labelled',
      'added',
      'removed',
      'granted',
      'auditGone',
      'metadataItems',
      'metadataSet',
      'metadataGone',
    ],
    ...['Metadata Keys Added', 'Metadata Keys Modified', 'Metadata Keys Deleted'],
    ...['kind', 'etag', 'fingerprint', 'labelFingerprint', 'selfLink', 'selfLinkWithId'],
    ...['creationTimestamp', 'requestId'],
  ],
}

export interface Mappings {
  /** A digest of the files: what is indexed by other mappings must be indexed anew. */
  version: string
  /** What a call does; undefined where nobody has mapped it, [] where it changes nothing that Terraform declares. */
  effects(service: string, call: string): readonly Effect[] | undefined
  /** Never undefined: what no file describes is as its provider declares it, or as is usual. */
  type(name: string): TypeMapping
  /** Is there such a type, as far as files and providers tell? */
  knows(type: string): boolean
  /** The types whose ids begin like this one. */
  typesOfId(id: string): string[]
  /** The types of the service that an ARN names. */
  typesOfArn(arn: string): string[]
  /** service → calls, for coverage and tests. */
  calls(): { service: string; call: string; effects: readonly Effect[] }[]
}

const undescribed: DescribedType = {
  names: [],
  lowerCase: false,
  qualified: false,
  kinds: {},
  unset: {},
  movedByService: [],
}

let shipped: Mappings | undefined

/** The mappings that ship with the product, read once. Throws, naming file and field, if one is not well-formed. */
export function loadMappings(): Mappings {
  shipped ??= createMappings(
    files.map((name) => {
      const file = path.join(import.meta.dirname, `${name}.yaml`)
      return { file, text: readFileSync(file, 'utf8'), content: parsedByBuild(file) }
    }),
  )
  return shipped
}

/** A mapping file; `content` if somebody has parsed its text already. */
export interface MappingSource {
  file: string
  text: string
  content?: unknown
}

export function createMappings(sources: readonly MappingSource[]): Mappings {
  const effects = new Map<string, readonly Effect[]>()
  const described = new Map<string, DescribedType>()
  const identities = loadIdentities()
  const reverts = loadReverts()
  const byNamespace = new Map<string, string[]>()
  for (const { file, text, content } of sources) {
    const parsed = serviceMapping.safeParse(content ?? parsedYaml(file, text))
    if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`)
    const { service, calls, noEffect } = parsed.data
    for (const [name, type] of Object.entries(parsed.data.types)) described.set(name, type)
    const namespace = parsed.data.arnNamespace ?? service.split('.')[0]!
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), ...Object.keys(parsed.data.types)])
    for (const call of noEffect) effects.set(`${service} ${call}`, [])
    const ignored = [...(always[path.basename(path.dirname(file))] ?? always.aws!), ...parsed.data.ignore]
    for (const [call, list] of Object.entries(calls))
      effects.set(
        `${service} ${call}`,
        list.map((effect) => reverting(ignoring(effect, ignored), service, call, reverts)),
      )
  }
  const types = new Map<string, TypeMapping>()
  const prefixes = [...described].flatMap(([name, { idPrefix }]) => (idPrefix ? [{ name, idPrefix }] : []))

  function typeOf(name: string): TypeMapping {
    const known = types.get(name) ?? wholeType(name, described.get(name) ?? undescribed, identities)
    types.set(name, known)
    return known
  }

  const digest = createHash('sha256').update(identities.text)
  for (const { text } of sources) digest.update(text)
  return {
    version: digest.digest('hex').slice(0, 16),
    effects: (service, call) => effects.get(`${service} ${call}`),
    type: typeOf,
    knows: (type) => described.has(type) || identities.of(type) !== undefined,
    typesOfId: (id) => prefixes.filter(({ idPrefix }) => id.startsWith(idPrefix)).map(({ name }) => name),
    typesOfArn: (arn) => byNamespace.get(arn.split(':')[2] ?? '') ?? [],
    calls: () =>
      [...effects].map(([key, list]) => {
        const [service = '', call = ''] = key.split(' ')
        return { service, call, effects: list }
      }),
  }
}

/** What is written by hand adds to the names, and has the last word on the rest. */
function wholeType(name: string, type: DescribedType, identities: Identities): TypeMapping {
  const declared = identities.of(name)
  const isAzure = name.startsWith('azurerm_')
  return {
    ...type,
    names: [...new Set([...type.names, ...(declared?.names ?? []), ...usualNames(name)])],
    global: type.global ?? declared?.global ?? isAzure,
    anyCase: type.anyCase ?? (isAzure || /^google_\w+_iam_/.test(name)),
  }
}

function ignoring(effect: Effect, names: readonly string[]): Effect {
  return 'update' in effect || 'put' in effect ? { ...effect, ignore: [...effect.ignore, ...names] } : effect
}

/** With the commands of reverts.tsv where the mapping itself has none. */
function reverting(effect: Effect, service: string, call: string, reverts: Reverts): Effect {
  if (!('update' in effect || 'put' in effect) || typeof effect.revert !== 'object') return effect
  const types = 'update' in effect ? effect.update : [effect.put].flat()
  const compared = new Set<unknown>(Object.values(effect.attributes))
  const more = Object.entries(reverts.of(service, call, types)).filter(([attribute]) =>
    compared.has(attribute),
  )
  return { ...effect, revert: { ...Object.fromEntries(more), ...effect.revert } }
}

function parsedYaml(file: string, text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause })
  }
}
