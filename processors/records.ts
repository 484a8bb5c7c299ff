import type { ResourceDiff, RuleMatch } from '../schemas/types.ts'
import type { Finding } from './finding.ts'
import type { Match } from './match.ts'
import { shownDiffs } from './shown-diffs.ts'

/** The record of tfdrift.diffs. */
export function toDiff(finding: Finding): ResourceDiff {
  const { id, driftId, resourceKey, type, compared, resource, call, diffs } = finding
  return {
    id,
    driftId,
    resourceKey,
    type,
    compared,
    address: resource?.address ?? null,
    stateSource: resource?.state?.source ?? null,
    stateSerial: resource?.state?.serial ?? null,
    eventId: call.eventId,
    eventName: call.sourceEvent.name,
    eventTime: call.sourceEvent.time,
    diffs: shownDiffs(diffs),
  }
}

/** The record of tfdrift.matches. */
export function toMatch(finding: Finding, { severity, matchedRules }: Match): RuleMatch {
  const { id, driftId, resourceKey, type, call } = finding
  return { id, driftId, resourceKey, type, severity, eventTime: call.sourceEvent.time, matchedRules }
}
