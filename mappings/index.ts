import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Effect, serviceMapping, type TypeMapping } from './format.ts'

/** Every mapping file. A new service is one file and one line here. */
const files = [
  'aws/ec2',
  'aws/s3',
  'aws/iam',
  'aws/rds',
  'aws/lambda',
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
  'azure/network',
  'gcp/compute',
  'gcp/resource-manager',
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
    ...['id', 'name', 'bucket', 'project', 'folder', 'organization', 'added', 'removed'],
    ...['kind', 'etag', 'fingerprint', 'selfLink', 'selfLinkWithId', 'creationTimestamp', 'requestId'],
  ],
}

export interface Mappings {
  /** A digest of the files: what is indexed by other mappings must be indexed anew. */
  version: string
  /** What a call does; undefined where nobody has mapped it, [] where it changes nothing that Terraform declares. */
  effects(service: string, call: string): readonly Effect[] | undefined
  /** Never undefined: a type that no file describes has only its id as a name. */
  type(name: string): TypeMapping
  /** The types whose ids begin like this one. */
  typesOfId(id: string): string[]
  /** The types of the service that an ARN names. */
  typesOfArn(arn: string): string[]
  /** service → calls, for coverage and tests. */
  calls(): { service: string; call: string; effects: readonly Effect[] }[]
}

const undescribed: TypeMapping = {
  names: ['arn', 'name'],
  global: false,
  lowerCase: false,
  anyCase: false,
  kinds: {},
}

/** The mappings that ship with the product. Throws, naming file and field, if one is not well-formed. */
export function loadMappings(): Mappings {
  return createMappings(
    files.map((name) => {
      const file = path.join(import.meta.dirname, `${name}.yaml`)
      return { file, text: readFileSync(file, 'utf8') }
    }),
  )
}

export function createMappings(sources: readonly { file: string; text: string }[]): Mappings {
  const effects = new Map<string, readonly Effect[]>()
  const types = new Map<string, TypeMapping>()
  const byNamespace = new Map<string, string[]>()
  for (const { file, text } of sources) {
    const parsed = serviceMapping.safeParse(parsedYaml(file, text))
    if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`)
    const { service, calls, noEffect } = parsed.data
    for (const [name, type] of Object.entries(parsed.data.types)) types.set(name, type)
    const namespace = parsed.data.arnNamespace ?? service.split('.')[0]!
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), ...Object.keys(parsed.data.types)])
    for (const call of noEffect) effects.set(`${service} ${call}`, [])
    const ignored = [...(always[path.basename(path.dirname(file))] ?? always.aws!), ...parsed.data.ignore]
    for (const [call, list] of Object.entries(calls))
      effects.set(
        `${service} ${call}`,
        list.map((effect) => ignoring(effect, ignored)),
      )
  }
  const prefixes = [...types].flatMap(([name, { idPrefix }]) => (idPrefix ? [{ name, idPrefix }] : []))

  const digest = createHash('sha256')
  for (const { text } of sources) digest.update(text)
  return {
    version: digest.digest('hex').slice(0, 16),
    effects: (service, call) => effects.get(`${service} ${call}`),
    type: (name) => types.get(name) ?? undescribed,
    typesOfId: (id) => prefixes.filter(({ idPrefix }) => id.startsWith(idPrefix)).map(({ name }) => name),
    typesOfArn: (arn) => byNamespace.get(arn.split(':')[2] ?? '') ?? [],
    calls: () =>
      [...effects].map(([key, list]) => {
        const [service = '', call = ''] = key.split(' ')
        return { service, call, effects: list }
      }),
  }
}

function ignoring(effect: Effect, names: readonly string[]): Effect {
  return 'update' in effect || 'put' in effect ? { ...effect, ignore: [...effect.ignore, ...names] } : effect
}

function parsedYaml(file: string, text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause })
  }
}
