import type { Revert } from '../../mappings/format.ts'
import type { Mappings } from '../../mappings/index.ts'
import type { AlertType } from '../../schemas/types.ts'
import type { Comparison } from '../compare/compare.ts'
import type { CloudCall, Json, JsonObject, NoFinding, StateRow } from '../finding.ts'
import { folded, inScope, nameKey, namesIn, type Scope } from '../identity.ts'
import type { Ignored } from '../ignore-list.ts'
import { accountIn } from '../one-form.ts'

/** What detection knows besides the call and the rows. */
export interface DetectContext {
  mappings: Mappings
  /** Must this attribute of this type never be shown? */
  isSensitive: (type: string, attribute: string) => boolean
  /** The keyed hash that stands in states for a sensitive value; without it, such values differ unseen. */
  hash?: (value: Json) => string
  /** Report changes (not only creations) of resources that no state holds. */
  unmanagedAny: boolean
  /** Takes from a verdict what the ignore lists say does not matter. */
  ignoring?: (draft: Draft) => Draft
  /** Told what detection does on its way; only `explain` asks. */
  trace?: Trace
}

/** What detection looked at, and what it made of it: told as it happens, so that an explanation cannot disagree. */
export interface Trace {
  /** Rows that were found under some of the call's names, and where they had to be to count. */
  found(rows: readonly StateRow[], scope: Scope, global: boolean): void
  /** All verdicts on a call, also those that lead to no finding. */
  judged(drafts: readonly Draft[]): void
}

/** All rows under a key (processors/identity.ts), of whatever account and region. */
export type Rows = (key: string) => readonly StateRow[]

/**
 * What one effect of a call needs and makes: first the keys to look up, so that a whole batch is looked up at once,
 * then the verdicts on the rows that were found.
 */
export interface Step {
  keys: string[]
  judge(rows: Rows): Draft[]
}

/** A verdict on one resource, before it is made a Finding. */
export interface Draft {
  type: AlertType
  resourceType: string
  id: string
  /** What the call names, where that may be of one of several types: held as none of them, it is reported once. */
  named?: string
  scope: Scope
  /** Of a child: the resources that it goes with. */
  parents?: readonly Pick<Target, 'type' | 'id' | 'scope'>[]
  row: StateRow | null
  /** Other rows that hold the same resource. */
  others: readonly StateRow[]
  comparisons: Comparison[]
  compared: boolean
  /** Of what no state holds: what the call says of it, by Terraform's paths. */
  made?: JsonObject
  /** Why this is no alert; null if it is one. */
  reason: NoFinding | null
  /** What was taken from it, and by which lines. */
  ignored?: readonly Ignored[]
  /** The type of the child that the call is about, where the resource holds it in an attribute of its own. */
  childType?: string
  revert?: Revert
  /** A command that undoes the call, where it does not come from a template. */
  revertCommand?: string | null
}

/** The resource that a call names, within the call's account and region or those of its ARN. */
export interface Target {
  id: string
  type: string
  scope: Scope
  keys: string[]
  find(rows: Rows): StateRow[]
}

export function target(call: CloudCall, context: DetectContext, type: string, id: string): Target {
  const { global, lowerCase, anyCase, qualified } = context.mappings.type(type)
  const named = namesIn(id, lowerCase)
  const region = global ? 'global' : (named.region ?? call.region)
  const scope = { account: named.account ?? accountIn(type, id) ?? call.account, region }
  const names = qualified ? [...named.names, id.split(':')[0]!] : named.names
  const keys = names.map((name) => nameKey(type, folded(name, anyCase)))
  return {
    id,
    type,
    scope,
    keys,
    find: (rows) =>
      scoped(
        keys.flatMap((key) => rows(key)),
        scope,
        global,
        context.trace,
      ),
  }
}

/** The rows in scope, each once, in an order that does not depend on the store. */
export function scoped(
  rows: readonly StateRow[],
  scope: Scope,
  global: boolean,
  trace: Trace | undefined,
): StateRow[] {
  trace?.found(rows, scope, global)
  const unique = new Map(rows.filter((row) => inScope(row, scope, global)).map((row) => [row.key, row]))
  return [...unique.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** A verdict on the resource as a whole: it came or went, or (differs false) is as the state says. */
export function wholeResource(differs: boolean): Comparison {
  return { attribute: '', slot: 'resource', equal: !differs, law: 'existence', sensitive: false, apiName: '' }
}

/** The call changed something here that is not compared. */
export function notCompared(call: CloudCall): Comparison {
  return {
    attribute: '',
    slot: `call:${call.name}`,
    equal: false,
    law: 'not compared',
    sensitive: false,
    apiName: '',
  }
}
