import type { Mappings } from '../mappings/index.ts'
import type { CloudCall, StateRow } from './finding.ts'
import { readPath } from './paths.ts'
import { fillTemplate } from './template.ts'

/** The key under which a resource of that type and name (id, ARN, name, composite) is looked up. */
export function nameKey(type: string, name: string): string {
  return `${type}\0${name}`
}

/** The key under which all children of that type of one parent are looked up. */
export function parentKey(type: string, parent: string): string {
  return `${type}\0parent\0${parent}`
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
  const values = [row.id, row.arn, ...names.map((name) => composed(row, name))]
  const keys = values.flatMap((value) => (value ? [nameKey(row.type, folded(value, anyCase))] : []))
  const owner = parent && (parent === 'id/../..' ? owningId(row.id) : composed(row, parent))
  return [...new Set(owner ? [...keys, parentKey(row.type, folded(owner, anyCase))] : keys)]
}

/** The one form of a name that may be written in any case. */
export function folded(name: string, anyCase: boolean): string {
  return anyCase ? name.toLowerCase() : name
}

function owningId(id: string): string {
  return id.split('/').slice(0, -2).join('/')
}

function composed(row: Pick<StateRow, 'attributes'>, name: string): string | null {
  return fillTemplate(name, (path) => readPath(row.attributes, path))
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
    return { names: name === undefined ? [value] : [value, name], account, region: null }
  }
  const parts = value.split(':')
  // AWS's own policies belong to the account `aws`, which is nobody's.
  const resource = parts.slice(5).join(':')
  const name = resource.replace(/^[^/:]+[/:]/, '')
  const names = [value, name, name.split(':')[0]!, name.split('/').at(-1)!]
  return {
    names: [...new Set(names)],
    account: /^\d{12}$/.test(parts[4] ?? '') ? parts[4]! : null,
    region: parts[3] || null,
  }
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
