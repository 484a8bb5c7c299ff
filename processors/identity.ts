import type { Mappings } from '../mappings/index.ts'
import type { CloudCall, StateRow } from './finding.ts'
import { grantedOn } from './iam-grant.ts'
import { oneForm } from './one-form.ts'
import { readPath } from './paths.ts'
import { fillTemplate } from './template.ts'

/** The key under which a resource of that type and name (id, ARN, name, composite) is looked up. */
export function nameKey(type: string, name: string): string {
  return `${type}\0${oneForm(type, name)}`
}

/** The key under which all children of that type of one parent are looked up. */
export function parentKey(type: string, parent: string): string {
  return `${type}\0parent\0${oneForm(type, parent)}`
}

/** What such a key asks for. */
export function readKey(key: string): { type: string; name: string; ofParent: boolean } {
  const [type = '', ...rest] = key.split('\0')
  return { type, name: rest.at(-1) ?? '', ofParent: rest.length > 1 }
}

/** Every key under which a state row is found: by id, ARN, the type's own names, and its parent's name. */
export function keysOf(
  row: Pick<StateRow, 'type' | 'id' | 'arn' | 'attributes'>,
  mappings: Mappings,
): string[] {
  const { names, parent, anyCase } = mappings.type(row.type)
  const values = new Set([row.id, row.arn, row.arn && nameInArn(row.arn)])
  for (const name of names) values.add(composed(row, name))
  const keys = new Set<string>()
  for (const value of values) if (value) keys.add(nameKey(row.type, folded(value, anyCase)))
  const owner = parent && (parent === 'id/../..' ? owningId(row.id) : composed(row, parent))
  for (const one of [owner, ...grantedOn(row)]) if (one) keys.add(parentKey(row.type, folded(one, anyCase)))
  return [...keys]
}

/** The one form of a name that may be written in any case. */
export function folded(name: string, anyCase: boolean): string {
  return anyCase ? name.toLowerCase() : name
}

function owningId(id: string): string {
  return id.split('/').slice(0, -2).join('/')
}

function composed(row: Pick<StateRow, 'attributes'>, name: string): string | null {
  return fillTemplate(name, (attribute, before) => {
    const value = readPath(row.attributes, attribute)
    return before !== undefined && typeof value === 'string' ? lastOf(value, before) : value
  })
}

/** Of `zones/{zone}`: an attribute may hold the name alone, or a whole path or link that ends in `zones/NAME`. */
function lastOf(value: string, before: string): string {
  return value.slice(value.startsWith(`${before}/`) ? before.length + 1 : afterLast(value, `/${before}/`))
}

function afterLast(value: string, part: string): number {
  const at = value.lastIndexOf(part)
  return at === -1 ? 0 : at + part.length
}

/** What a call names: the texts to look up, and the account and region if it is an ARN that says so. */
export interface NamedResource {
  names: string[]
  account: string | null
  region: string | null
}

/** A parameter may hold a name or an ARN; Lambda's ARNs may be partial, and have an alias behind the name. */
export function namesIn(value: string, lowerCase = false): NamedResource {
  const { names, ...scope } = namesAsWritten(value)
  return {
    ...scope,
    names: lowerCase ? [...new Set(names.flatMap((name) => [name, name.toLowerCase()]))] : names,
  }
}

function namesAsWritten(value: string): NamedResource {
  if (!value.startsWith('arn:')) {
    const [, account = null, name] = /^(\d{12}):function:([^:]+)/.exec(value) ?? []
    // Behind what it belongs to, a resource may be given by its ARN: CLUSTER/ARN of a service.
    const [, arn] = /\/(arn:[\w-]+:ecs:.+)$/.exec(value) ?? []
    return { names: [value, name, arn].filter((one) => one !== undefined), account, region: null }
  }
  const [, , service, region, account = ''] = value.split(':')
  const name = nameInArn(value)
  const names = [value, name, name.split(':')[0]!]
  // Of people, roles and policies the path is no part of the name.
  if (service === 'iam') names.push(name.split('/').at(-1)!)
  return {
    names: [...new Set(names)],
    // AWS's own policies belong to the account `aws`, which is nobody's.
    account: /^\d{12}$/.test(account) ? account : null,
    region: region || null,
  }
}

/** What an ARN says behind the kind of resource: `main/web` of `…:service/main/web`. */
function nameInArn(arn: string): string {
  let resource = 0
  for (let colons = 0; colons < 5; colons++) resource = arn.indexOf(':', resource) + 1 || arn.length
  const kind = arn.slice(resource).search(/[/:]/)
  return arn.slice(kind > 0 ? resource + kind + 1 : resource)
}

/** A resource is matched within its account and region, as far as its row names them. */
export function inScope(row: StateRow, scope: Scope, global: boolean): boolean {
  return outOfScope(row, scope, global) === null
}

/** By what a row lies elsewhere; null if it does not. */
export function outOfScope(row: StateRow, scope: Scope, global: boolean): 'account' | 'region' | null {
  if (row.account !== null && scope.account !== '' && row.account !== scope.account) return 'account'
  if (global || scope.region === 'global' || row.region === null || row.region === 'global') return null
  return row.region === scope.region ? null : 'region'
}

export interface Scope {
  account: string
  region: string
}

/** PROVIDER/ACCOUNT/REGION/TYPE/ID: free of states and addresses. */
export function resourceKey(call: CloudCall, scope: Scope, type: string, id: string): string {
  // Azure's ids have no case of their own: states and calls write one resource differently.
  return `${call.provider}/${scope.account}/${scope.region}/${type}/${folded(id, call.provider === 'azure')}`
}
