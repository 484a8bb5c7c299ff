import type { CountedEvent, KeyPart } from '../../schemas/counting-types.ts'
import type { Priority } from '../../schemas/priorities.ts'
import type { Actor, AlertState, MatchedRule, Severity } from '../../schemas/types.ts'
import type { NamedSink } from '../channels.ts'
import { enrich } from '../enrich.ts'
import type { Signal, SignalFinding } from '../finding.ts'
import { sha256 } from '../hash.ts'
import { matchOf } from '../match.ts'
import { plain } from '../message.ts'
import type { Report } from '../pipeline.ts'
import { toDiff, toMatch } from '../records.ts'
import { durationText } from '../rules/duration.ts'
import { type Rule, ruleSchema } from '../rules/schema.ts'
import { countedMatchKey } from './counted-match.ts'
import type { Completed } from './fold.ts'

/** Of the matches so many stand in the message, and in the history. */
const LISTED = 5
const REMEMBERED = 20

/**
 * What a rule of several events has found, as a finding like one of Falco. All of it that is compared follows from
 * the rule, the key and the stretch: which match completes it depends on what comes late.
 */
export function windowFinding({ counted, start, matches }: Completed): SignalFinding {
  const { rule, by, windowMs } = counted
  const key = countedMatchKey(counted)
  const time = new Date(start).toISOString()
  const eventId = `${key}|${durationText(windowMs)}|${time}`
  const resourceKey = `rule/${key}`
  const id = sha256(`${eventId}|${resourceKey}`)
  const last = matches.at(-1)!
  const signal: Signal = {
    eventId,
    provider: last.provider,
    account: partOf(by, 'account') ?? '',
    region: partOf(by, 'region') ?? 'global',
    service: 'tfdrift',
    name: rule.name,
    time: last.time,
    actor: actorOf(by),
    sourceEvent: { id: eventId, source: 'tfdrift', name: rule.name, time },
    priority: priorityOf[rule.severity],
    tags: [],
    text: '',
    tooLittle: false,
  }
  return {
    id,
    driftId: id,
    resourceKey,
    type: 'signal',
    compared: true,
    diffs: [],
    verdicts: [{ slot: 'signal', time, eventId, differs: true }],
    resource: null,
    row: null,
    call: signal,
    signal,
    apiNames: {},
    revertCommand: null,
  }
}

/** The records of it. `rule`: as the rules of now have it; null where they do not. */
export function windowReport(
  completed: Completed,
  finding: SignalFinding,
  rule: Rule | null,
  circumstances: { status: AlertState; detectedAt: string },
  sinks: readonly NamedSink[] = [],
): Report {
  const told = completed.counted.rule
  const match = matchOf([{ rule: rule ?? bareRule(told), severity: told.severity }], told.severity, sinks)
  return {
    diff: toDiff(finding),
    match: toMatch(finding, match),
    alert: {
      ...enrich(finding, match, circumstances),
      message: messageOf(completed),
      changeHistory: historyOf(completed.matches),
    },
    ruleErrors: [],
    counted: [],
  }
}

function messageOf({ counted: { rule, kind, windowMs, by }, matches }: Completed): string {
  const key = by.map(({ name, value }) => `${name.replaceAll('_', ' ')} ${value}`).join(', ')
  const texts = matches.map(({ event, subject }) => `${event} on ${subject}`)
  const within = `within ${durationText(windowMs)} (${key})`
  if (kind === 'pattern') return plain(`"${rule.name}" ${within}: ${texts.join(', then ')}`)
  const more = texts.length > LISTED ? ` and ${texts.length - LISTED} more` : ''
  return plain(`${matches.length} times "${rule.name}" ${within}: ${texts.slice(-LISTED).join('; ')}${more}`)
}

/** The newest first. */
function historyOf(matches: readonly CountedEvent[]) {
  return [...matches]
    .reverse()
    .slice(0, REMEMBERED)
    .map(({ time, actor, event, subject }) => ({
      time: new Date(time).toISOString(),
      actor,
      event,
      attributes: [subject],
    }))
}

/** Of the actor what the matches have in common. */
function actorOf(by: readonly KeyPart[]): Actor {
  const role = partOf(by, 'role')
  return {
    type: 'Unknown',
    name: partOf(by, 'actor') ?? role?.split('/').at(-1) ?? 'unknown',
    email: null,
    arn: null,
    principalId: null,
    account: null,
    sessionIssuer: role?.includes(':role/') ? role : null,
    tool: 'unknown',
    sourceIp: partOf(by, 'source_ip'),
    mfa: null,
  }
}

function partOf(by: readonly KeyPart[], name: string): string | null {
  return by.find((part) => part.name === name)?.value ?? null
}

function bareRule({ id, name, severity }: MatchedRule): Rule {
  return { ...ruleSchema.parse({ id, name, severity, types: ['signal'] }), file: '' }
}

const priorityOf: Record<Severity, Priority> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'notice',
  info: 'informational',
}
