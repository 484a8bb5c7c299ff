import type { Actor, Alert, AlertState, RawEvent, ResourceDiff, RuleMatch } from '../schemas/types.ts'
import { detect, type Plan } from './detect/detect.ts'
import { planSignal } from './detect/signal.ts'
import type { DetectContext } from './detect/step.ts'
import { enrich } from './enrich.ts'
import type { FilterSubject } from './filters.ts'
import type { Finding, NoFinding } from './finding.ts'
import type { Kept } from './kept-actor.ts'
import type { Matcher, RuleError } from './match.ts'
import { readSignal } from './normalize/falco.ts'
import { normalize } from './normalize/normalize.ts'
import { toDiff, toMatch } from './records.ts'
import type { Surroundings } from './surroundings.ts'
import { type IsTerraforms, terraformsOwn } from './terraforms-own.ts'
import { type Counted, toCounted } from './windows/counted-match.ts'

/** normalize → detect → match → enrich, as pure functions; the caller reads, looks up and writes. */
export interface Pipeline {
  /** What must be looked up to judge this event, or why it is none. Throws if the payload is not a JSON object. */
  plan(raw: RawEvent): Plan | NoFinding
  /** The records that one alert consists of. */
  report(finding: Finding, status: AlertState, detectedAt: Date, surroundings?: Surroundings): Report
  /** Terraform's own calls are no drift where the state catches up with them. */
  isTerraforms: IsTerraforms
}

export interface Report {
  diff: ResourceDiff
  match: RuleMatch
  alert: Alert
  /** Rules whose expression could not be evaluated. */
  ruleErrors: RuleError[]
  /** As what it counts for rules that look at several events. */
  counted: Counted[]
}

export interface PipelineOptions {
  context: DetectContext
  matcher: Matcher
  /** Which events are looked at at all. */
  admits: (subject: FilterSubject) => boolean
  /** Left out: by the user agent alone. */
  isTerraforms?: IsTerraforms
  /** Left out: the usual ones. */
  ownerTags?: readonly string[] | undefined
  /** Who was found behind an identity before. */
  identities?: Kept<Actor>
}

export function createPipeline({
  context,
  matcher,
  admits,
  isTerraforms = terraformsOwn(),
  ownerTags,
  identities,
}: PipelineOptions): Pipeline {
  function plan(raw: RawEvent): Plan | NoFinding {
    const { provider, account, region, service, name } = raw
    if (!admits({ provider, account, region, service, event: name })) return 'filtered'
    const happened = raw.provider === 'falco' ? readSignal(raw) : normalize(raw, identities)
    if (typeof happened === 'string') return happened
    const { name: person, email, arn } = happened.actor
    const actor = [person, email, arn].filter((text) => text !== null)
    if (!admits({ provider, account, region, service, event: name, actor })) return 'filtered'
    return 'priority' in happened ? planSignal(happened) : detect(happened, context)
  }

  function report(
    finding: Finding,
    status: AlertState,
    detectedAt: Date,
    surroundings?: Surroundings,
  ): Report {
    const match = matcher(finding)
    return {
      diff: toDiff(finding),
      match: toMatch(finding, match),
      alert: enrich(finding, match, {
        status,
        detectedAt: detectedAt.toISOString(),
        ownerTags,
        ...(surroundings && { surroundings }),
      }),
      ruleErrors: match.errors,
      counted: toCounted(finding, match),
    }
  }

  return { plan, report, isTerraforms }
}
