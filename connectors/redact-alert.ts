import type { AlertJson } from './alert-json.ts'
import { ips, type Replace, regular, replaceKnown, replacement, starred } from './redact-text.ts'

export const redactActions = ['hide', 'hash', 'shorten'] as const
export const redactSubjects = ['accounts', 'names', 'addresses', 'ips'] as const

/** What a sink is not to show. With `type`, in alerts on such resources only; with nothing but `type`, all their values. */
export interface RedactRule {
  /** In these three `*` stands for any text: type of the resource, path of an attribute (and what lies below it), tag. */
  type?: string | undefined
  path?: string | undefined
  tag?: string | undefined
  /** A regular expression of RE2, looked for in every text. */
  matches?: string | undefined
  about?: (typeof redactSubjects)[number] | undefined
  action: (typeof redactActions)[number]
}

/**
 * Compiles the redaction of one sink. What a rule finds is replaced wherever it stands in the alert: message,
 * differences, tags, history, names and commands. A revert command that would change by it is left out: with another
 * word in it, it would be another command. Ids of the alert and its drift stay. `key`: of the hashes, so that nobody
 * finds a short value by trying.
 */
export function compileRedaction(rules: readonly RedactRule[], key: Buffer): (alert: AlertJson) => AlertJson {
  const compiled = rules.map((rule) => compileRule(rule, replacement(rule.action, key)))

  return function redactAlert(alert) {
    const concerned = compiled.filter(({ concerns }) => concerns(alert))
    if (concerned.length === 0) return alert
    const replace = replaceKnown(
      concerned.flatMap((rule) =>
        rule.valuesIn(alert).map((text) => ({ text, instead: rule.replace(text) })),
      ),
    )
    const clean = (text: string) => concerned.reduce((left, { pattern }) => pattern(left), replace(text))
    return cleaned(alert, clean, concerned)
  }
}

type Rule = ReturnType<typeof compileRule>

function compileRule({ type, path, tag, matches, about }: RedactRule, replace: Replace) {
  const isType = starred(type)
  const isPath = starred(path, '(?:[.\\[].*)?')
  const isTag = starred(tag)
  const everything = type !== undefined && [path, tag, matches, about].every((one) => one === undefined)
  const hidesTag = (name: string) => everything || isTag(name) || isPath(`tags.${name}`)
  const hidesPath = (place: string) =>
    everything || isPath(place) || (place.startsWith('tags.') && isTag(place.slice('tags.'.length)))

  return {
    replace,
    hidesPath,
    concerns: ({ resource }: AlertJson) => type === undefined || (resource !== null && isType(resource.type)),
    pattern: matches !== undefined ? regular(matches, replace) : about === 'ips' ? ips(replace) : same,
    /** The texts that are to be replaced wherever they stand. */
    valuesIn(alert: AlertJson): string[] {
      const diffs = alert.diffs.flatMap(({ attribute, oldValue, newValue }) =>
        [oldValue, newValue].flatMap((value) => leaves(value, attribute, hidesPath)),
      )
      const tags = Object.entries(alert.resourceTags).flatMap(([name, value]) =>
        hidesTag(name) ? value : [],
      )
      return [...diffs, ...tags, ...(about ? subjects[about](alert) : [])]
    },
  }
}

const same: Replace = (text) => text

const subjects: Record<(typeof redactSubjects)[number], (alert: AlertJson) => string[]> = {
  accounts: ({ resource, actor }) => texts(resource?.account, actor.account),
  names: ({ actor, owner, changeHistory, statusChange }) =>
    texts(
      ...[
        actor.name,
        actor.email,
        actor.principalId,
        actor.arn,
        actor.sessionIssuer,
        owner,
        statusChange?.actor,
      ],
      ...[actor.arn, actor.sessionIssuer].map((arn) => arn?.split('/').at(-1)),
      ...changeHistory.map((change) => change.actor),
    ).filter((name) => name !== 'unknown'),
  addresses: ({ resource, blastRadius }) =>
    texts(resource?.address, ...(resource?.alsoManagedBy ?? []), ...(blastRadius?.addresses ?? [])),
  ips: ({ actor }) => texts(actor.sourceIp),
}

function texts(...found: (string | null | undefined)[]): string[] {
  return found.filter((text) => typeof text === 'string')
}

/** The texts, numbers and truth values in what lies at a place, as far as their place is hidden. */
function leaves(
  value: unknown,
  place: string,
  isHidden: (place: string) => boolean,
  below = false,
): string[] {
  const hidden = below || isHidden(place)
  if (value === null || value === undefined) return []
  if (typeof value !== 'object') return hidden ? [String(value)] : []
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, Array.isArray(value) ? `${place}[${name}]` : `${place}.${name}`, isHidden, hidden),
  )
}

/** The alert with every text cleaned; differences that a rule names are replaced whole. */
function cleaned(alert: AlertJson, clean: Replace, rules: readonly Rule[]): AlertJson {
  let isHidden = false
  const diffs = alert.diffs.map((diff) => {
    const rule = rules.find(({ hidesPath }) => hidesPath(diff.attribute))
    if (!rule) return diff
    isHidden = true
    const whole = (value: unknown) => rule.replace(typeof value === 'string' ? value : JSON.stringify(value))
    return {
      ...diff,
      ...('oldValue' in diff && { oldValue: whole(diff.oldValue) }),
      ...('newValue' in diff && { newValue: whole(diff.newValue) }),
    }
  })
  // A message may hold a part of a value only, in which nothing would be found.
  const message = isHidden ? plainMessage(alert) : alert.message
  const { resourceTags, ...rest } = { ...alert, message, diffs: [] }
  const result = walk(rest, clean, false) as AlertJson
  const { id, driftId, type, status, severity, detectedAt, revertCommand, resource } = alert
  const isSame = revertCommand !== null && !isHidden && clean(revertCommand) === revertCommand
  return {
    ...result,
    ...{ id, driftId, type, status, severity, detectedAt },
    resource: resource && { ...result.resource!, type: resource.type, provider: resource.provider },
    resourceTags: walk(resourceTags, clean, true) as Record<string, string>,
    diffs: diffs.map((diff) => ({
      ...diff,
      attribute: clean(diff.attribute),
      ...('oldValue' in diff && { oldValue: walk(diff.oldValue, clean, true) }),
      ...('newValue' in diff && { newValue: walk(diff.newValue, clean, true) }),
    })),
    actor: { ...result.actor, tool: alert.actor.tool },
    sourceEvent: { ...result.sourceEvent, time: alert.sourceEvent.time },
    matchedRules: result.matchedRules.map((rule, i) => ({
      ...rule,
      severity: alert.matchedRules[i]!.severity,
    })),
    revertCommand: isSame ? revertCommand : null,
  }
}

function plainMessage({ actor, sourceEvent, resource, diffs }: AlertJson): string {
  const what = resource?.address ?? resource?.id ?? ''
  return `${actor.name} changed ${diffs.map(({ attribute }) => attribute).join(', ')} of ${what} (${sourceEvent.name})`
}

/** `free`: the names in it are not ours either. */
function walk(value: unknown, clean: Replace, free: boolean): unknown {
  if (typeof value === 'string') return clean(value)
  if (typeof value === 'number') return clean(String(value)) === String(value) ? value : clean(String(value))
  if (Array.isArray(value)) return value.map((one) => walk(one, clean, free))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(entries.map(([name, one]) => [free ? clean(name) : name, walk(one, clean, free)]))
}
