import type { Severity } from '../../schemas/types.ts'
import type { QuietHours } from './quiet-hours.ts'

/** At most so many messages in any such time. */
export interface Limit {
  count: number
  perMs: number
}

/** What a sink may be sent, and when. */
export interface SinkPolicy {
  /** People get nothing of severity low and info: logs, audit and SIEM do. */
  audience: 'people' | 'machines'
  /** null: each alert is a message of its own. */
  group: {
    /** A group goes out when for so long none of its cause has come. */
    waitMs: number
    /** And at the latest so long after its first. */
    windowMs: number
  } | null
  /** More messages than this that the limit keeps waiting become one; null: never. */
  digestOver: number | null
  /** `all`: of every severity together. Critical ones do not wait. */
  limits: Partial<Record<Exclude<Severity, 'critical'> | 'all', Limit>>
  /** Nothing but critical alerts goes out then. */
  quiet: readonly QuietHours[]
}

/** Whether alerts that are not critical may have to wait. */
export function mayHold({ group, limits, quiet }: SinkPolicy): boolean {
  return group !== null || quiet.length > 0 || Object.keys(limits).length > 0
}
