import { isHashed } from '../schemas/hashed-value.ts'
import type { Alert, AlertState } from '../schemas/types.ts'
import type { Finding, StateRow } from './finding.ts'
import type { Match } from './match.ts'
import { messageOf } from './message.ts'
import { ownerOf } from './owner.ts'
import { isObject } from './paths.ts'
import { fillPlaceholders } from './placeholders.ts'
import { attributePattern } from './rules/attribute-pattern.ts'
import { attributesOf } from './rules/condition.ts'
import type { Rule } from './rules/schema.ts'
import { type Subject, subjectOf } from './rules/subject.ts'
import { shellQuote } from './shell-quote.ts'
import { shownDiffs } from './shown-diffs.ts'
import { noSurroundings, type Surroundings } from './surroundings.ts'

export interface Circumstances {
  status: AlertState
  /** RFC 3339. */
  detectedAt: string
  surroundings?: Surroundings
  /** The tags that name the owner. */
  ownerTags?: readonly string[] | undefined
}

/** The alert that people read: a finding with its rules, and what the state and the rules say about it. */
export function enrich(
  finding: Finding,
  match: Match,
  { status, detectedAt, surroundings = noSurroundings, ownerTags }: Circumstances,
): Alert {
  const tags = tagsOf(finding.row)
  const { id, driftId, type, resource, compared, diffs, call } = finding
  return {
    id,
    driftId,
    type,
    status,
    severity: match.severity,
    message: messageOf(finding),
    resource,
    compared,
    diffs: shownDiffs(diffs),
    matchedRules: match.matchedRules,
    actor: call.actor,
    sourceEvent: call.sourceEvent,
    resourceTags: tags,
    owner: ownerOf(tags, ownerTags),
    ...surroundings,
    remediation: remediationOf(finding, match.rules),
    revertCommand: finding.revertCommand ?? applyCommand(finding),
    runbookUrl: match.runbookUrl,
    references: [...new Set(match.rules.flatMap(({ references }) => references))],
    channels: match.channels,
    pendingChannels: match.pendingChannels,
    detectedAt,
    statusChange: null,
    resolvedBy: null,
  }
}

/** Tags of AWS and Azure, labels of Google, those that the provider adds included; as the state says. */
function tagsOf(row: StateRow | null): Record<string, string> {
  const { tags_all, tags, effective_labels, labels } = row?.attributes ?? {}
  const map = [tags_all, tags, effective_labels, labels].find(
    (one) => isObject(one) && Object.keys(one).length > 0,
  )
  if (!isObject(map)) return {}
  return Object.fromEntries(
    Object.entries(map).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && !isHashed(entry[1]),
    ),
  )
}

/** The steps of all matched rules, each once. */
function remediationOf(finding: Finding, rules: readonly Rule[]): string[] {
  if (rules.every(({ remediation }) => remediation.length === 0)) return []
  const subject = subjectOf(finding)
  const steps = rules.flatMap((rule) => {
    const change = changeFor(rule, subject)
    return rule.remediation.map((step) => fillPlaceholders(step, finding, change))
  })
  return [...new Set(steps)]
}

/** Of several diffs the one that a rule speaks of: the first that its conditions name. */
function changeFor({ conditions }: Rule, { changes }: Subject) {
  const patterns = conditions.flatMap(attributesOf).map(attributePattern)
  const named = changes.find((change) => patterns.some((one) => change.relate(one) !== null))
  return named ?? changes[0] ?? null
}

function applyCommand({ resource }: Finding): string | null {
  const address = resource?.address ?? null
  return address === null ? null : `terraform apply -target=${shellQuote(address)}`
}
