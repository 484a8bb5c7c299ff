import { z } from 'zod'

/** What CloudTrail's key of an object says of its content. */
export interface TrailKey {
  account: string
  region: string
  /** CloudTrail, CloudTrail-Digest, CloudTrail-Insight, or another service that writes to such buckets. */
  kind: string
}

/** [prefix/]AWSLogs/[o-ORGANIZATION/]ACCOUNT/KIND/REGION/... ; null: not named by AWS. */
export function parseTrailKey(key: string): TrailKey | null {
  const [, account, kind, region] =
    /(?:^|\/)AWSLogs\/(?:o-[^/]+\/)?(\d{12})\/([^/]+)\/([^/]+)\//.exec(key) ?? []
  return account && kind && region ? { account, kind, region } : null
}

const list = z.strictObject({ allow: z.array(z.string()).optional(), deny: z.array(z.string()).optional() })

/** Which objects are read at all, by what their keys say. */
export const trailFilter = { accounts: list.prefault({}), regions: list.prefault({}) }

export type TrailFilter = z.output<z.ZodObject<typeof trailFilter>>

/** Why an object is passed over unread; null: it is read. What AWS has not named is told by its content. */
export function whyPassedOver(key: string, { accounts, regions }: TrailFilter): string | null {
  if (key.endsWith('/')) return 'a folder'
  const parsed = parseTrailKey(key)
  if (!parsed) return null
  if (parsed.kind !== 'CloudTrail') return parsed.kind
  if (!admits(accounts, parsed.account)) return 'its account'
  return admits(regions, parsed.region) ? null : 'its region'
}

function admits({ allow, deny }: z.output<typeof list>, value: string): boolean {
  return (allow === undefined || allow.includes(value)) && !deny?.includes(value)
}
