import type { Effect } from '../../mappings/format.ts'
import type { CloudCall, Finding, NoFinding } from '../finding.ts'
import { leavesOut } from '../left-out.ts'
import { putChild, removeChild } from './child.ts'
import { grant } from './grant.ts'
import { leftOut } from './left-out.ts'
import { create, remove, restore } from './lifecycle.ts'
import { oncePerResource } from './once-per-resource.ts'
import { authorize, revoke } from './security-group.ts'
import { describe, rewrite } from './security-group-rewrite.ts'
import type { DetectContext, Draft, Rows, Step } from './step.ts'
import { tag, untag } from './tags.ts'
import { toFinding } from './to-finding.ts'
import { removeUnlisted } from './unlisted-children.ts'
import { update } from './update.ts'

/** What a call needs to be judged, and then its findings. */
export interface Plan {
  /** Keys of state rows (processors/identity.ts): look all of them up, then judge. */
  keys: string[]
  judge(rows: Rows): Detection
}

export interface Detection {
  /** One for each resource, alerts and set-backs alike. */
  findings: DetectedFinding[]
  /** Why there is no alert; null if there is one. */
  reason: NoFinding | null
  /** How many differences the ignore lists have taken away; left out: none. */
  ignored?: number
}

export interface DetectedFinding {
  finding: Finding
  /** null: this is an alert. */
  reason: NoFinding | null
}

/** Interprets a call by its mappings. Pure: the caller looks the rows up. */
export function detect(call: CloudCall, context: DetectContext): Plan | NoFinding {
  const effects = context.mappings.effects(call.service, call.name)
  if (effects === undefined) return 'unmapped'
  const steps = effects.flatMap((effect) => stepsOf(call, effect, context))
  const unseen = leavesOut(call.request)
  if (unseen) steps.push(...effects.flatMap((effect) => leftOut(call, effect, context)))
  if (steps.length === 0) return unseen ? 'left-out' : 'no-effect'
  return {
    keys: [...new Set(steps.flatMap(({ keys }) => keys))],
    judge(rows) {
      const judged = unheldOnce(steps.flatMap((step) => step.judge(rows)))
      const drafts = context.ignoring ? judged.map(context.ignoring) : judged
      context.trace?.judged(drafts)
      const alerts = drafts.some(({ reason }) => reason === null)
      const ignored = drafts.reduce((sum, draft) => sum + (draft.ignored?.length ?? 0), 0)
      const seen = drafts.filter(({ comparisons }) => comparisons.length > 0)
      return {
        findings: oncePerResource(call, seen).map((draft) => ({
          finding: toFinding(call, draft),
          reason: draft.reason,
        })),
        reason: alerts ? null : (weightiest(drafts) ?? 'no-effect'),
        ...(ignored > 0 && { ignored }),
      }
    },
  }
}

/** The mechanisms. Which of them a call uses is data; see mappings/format.ts. */
function stepsOf(call: CloudCall, effect: Effect, context: DetectContext): Step[] {
  if ('update' in effect) return update(call, effect, context)
  if ('create' in effect) return create(call, effect, context)
  if ('delete' in effect) return remove(call, effect, context)
  if ('restore' in effect) return restore(call, effect, context)
  if ('put' in effect) return putChild(call, effect, context)
  if ('remove' in effect)
    return effect.rest === undefined
      ? removeChild(call, effect, context)
      : removeUnlisted(call, { ...effect, rest: effect.rest }, context)
  if ('tag' in effect) return tag(call, effect, context)
  if ('untag' in effect) return untag(call, effect, context)
  if ('grant' in effect) return grant(call, effect, context)
  if ('authorize' in effect) return authorize(call, effect, context)
  if ('revoke' in effect) return revoke(call, effect, context)
  if ('describe' in effect) return describe(call, effect, context)
  return rewrite(call, effect, context)
}

const weight: NoFinding[] = ['ignored', 'as-declared', 'service-created', 'unmanaged', 'no-effect']

function weightiest(drafts: readonly { reason: NoFinding | null }[]): NoFinding | undefined {
  return weight.find((reason) => drafts.some((draft) => draft.reason === reason))
}

/** What a call names is one resource, whichever types it may be of: unheld only if it is held as none of them. */
function unheldOnce(drafts: readonly Draft[]): Draft[] {
  const known = new Set(drafts.filter(({ row }) => row !== null).map(({ named }) => named))
  return drafts.filter(({ named, row }) => {
    if (named === undefined || row !== null) return true
    const first = !known.has(named)
    known.add(named)
    return first
  })
}
