import type { CountedMatch, KeyPart } from '../../schemas/counting-types.ts'
import type { Finding } from '../finding.ts'
import type { Match } from '../match.ts'
import type { KeyName } from '../rules/counting-schema.ts'
import type { Rule } from '../rules/schema.ts'

/** That a finding counts for a rule of several events. */
export interface Counted {
  rule: Rule
  /** The record of tfdrift.counted-matches. */
  record: CountedMatch
}

/** What a finding counts as. Where a part of the key is not known, it does not count. */
export function toCounted(finding: Finding, { counted }: Match): Counted[] {
  return counted.flatMap(({ rule, version, steps }) => {
    const { id, name, severity, threshold, pattern } = rule
    const spec = threshold ?? pattern!
    const by = keyOf(finding, spec.by)
    if (!by) return []
    const { call, resource, resourceKey } = finding
    const record: CountedMatch = {
      rule: { id, name, severity },
      version,
      kind: threshold ? 'threshold' : 'pattern',
      needed: threshold?.count ?? pattern!.steps.length,
      windowMs: spec.window,
      by,
      match: {
        id: finding.id,
        eventId: call.eventId,
        time: call.time,
        steps,
        provider: call.provider,
        event: call.sourceEvent.name,
        actor: call.actor.name,
        subject: resource ? (resource.address ?? `${resource.type} ${resource.id}`) : resourceKey,
      },
    }
    return [{ rule, record }]
  })
}

/** RULE|KEY: what counts together has one key, so that it is in one partition. */
export function countedMatchKey({ rule, by }: Pick<CountedMatch, 'rule' | 'by'>): string {
  return [rule.id, ...by.map(({ name, value }) => `${name}=${value}`)].map(escaped).join('|')
}

function keyOf(finding: Finding, names: readonly KeyName[]): KeyPart[] | null {
  const parts: KeyPart[] = []
  for (const name of [...new Set(names)].sort()) {
    const value = partOf[name](finding)
    if (value === null) return null
    parts.push({ name, value })
  }
  return parts
}

const partOf: Record<KeyName, (finding: Finding) => string | null> = {
  actor: ({ call }) => call.actor.name,
  // Whoever assumes a role chooses the session's name, and could have another at each call.
  role: ({ call: { actor } }) => actor.sessionIssuer ?? actor.arn ?? actor.name,
  account: ({ resource, call }) => resource?.account ?? call.account,
  region: ({ resource, call }) => resource?.region ?? call.region,
  provider: ({ resource, call }) => resource?.provider ?? call.provider,
  resource_type: ({ resource }) => resource?.type ?? null,
  resource: ({ resourceKey }) => resourceKey,
  event: ({ call }) => call.name,
  source_ip: ({ call }) => call.actor.sourceIp,
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('|', '%7C')
}
