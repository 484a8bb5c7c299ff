import type { StateRow } from '../../processors/finding.ts'
import { outOfScope, readKey, type Scope } from '../../processors/identity.ts'
import type { Candidate, Lookup } from './explanation.ts'
import type { Observed } from './observe.ts'

/** The names under which the states were searched: types that were searched under the same ones together. */
export function explainLookups(keys: readonly string[]): Lookup[] {
  const byType = new Map<string, Lookup>()
  for (const { type, name, ofParent } of keys.map(readKey)) {
    const id = `${type}|${ofParent}`
    const known = byType.get(id) ?? { types: [type], names: [], children: ofParent }
    if (!known.names.includes(name)) known.names.push(name)
    byType.set(id, known)
  }
  const byNames = new Map<string, Lookup>()
  for (const lookup of byType.values()) {
    const id = JSON.stringify([lookup.children, lookup.names])
    const known = byNames.get(id)
    if (known) known.types.push(...lookup.types)
    else byNames.set(id, lookup)
  }
  return [...byNames.values()]
}

/** Every instance that was found under one of the names, those that count first. */
export function explainCandidates(observed: Observed): Candidate[] {
  const byKey = new Map<string, Candidate>()
  for (const { row, scope, global } of observed.found) {
    const elsewhere = outOfScope(row, scope, global)
    if (byKey.get(row.key)?.inScope) continue
    const { address, type, id, source: state, serial } = row
    const because = elsewhere ? whyElsewhere(row, scope, elsewhere) : whatItIs(row, observed)
    byKey.set(row.key, { address, type, id, state, serial, inScope: elsewhere === null, because })
  }
  return [...byKey.values()].sort((a, b) => Number(b.inScope) - Number(a.inScope))
}

function whyElsewhere(row: StateRow, { account, region }: Scope, by: 'account' | 'region'): string {
  return by === 'account'
    ? `not this one: it is in account ${row.account}, and the call is about account ${account}`
    : `not this one: it is in region ${row.region}, and the call is about region ${region}`
}

function whatItIs(row: StateRow, { drafts }: Observed): string {
  const place =
    row.account === null
      ? 'its state names no account, so it may be of any'
      : "in the call's account and region"
  if (row.deposedKey !== null)
    return `${place}, but deposed: Terraform has replaced this instance and will destroy it`
  if (drafts.some((draft) => draft.row === row)) return place
  if (drafts.some(({ others }) => others.includes(row))) return `${place}; it holds the same resource`
  const isOther = drafts.some(({ resourceType }) => resourceType === row.type)
  return `${place}, but it ${isOther ? 'is another one' : 'does not hold what the call is about'}`
}
