import type { AlertJson } from '../../alert-json.ts'
import { actorText } from './actor-text.ts'
import { type AlertChange, changeText } from './change-text.ts'
import { eventLink } from './event-link.ts'
import { printable } from './printable.ts'
import { shorten } from './shorten.ts'
import { subject } from './subject.ts'
import { dependentsText, historyLines } from './surroundings-text.ts'

/** An alert in the parts that a person reads, all of them safe to print; markup is the format's own matter. */
export interface AlertParts {
  /** `critical: attribute drift: ADDRESS`, or what has become of it instead of the severity. */
  title: string
  message: string
  /** A line each: old → new, or an element that went or came. */
  changes: string[]
  facts: [label: string, texts: string[]][]
  /** Whole, with its line breaks; null where there is none or it is too long: cut, it would be another command. */
  revert: string | null
  /** What to do instead of it, or that it does not fit. */
  advice: string[]
  /** http and https only. */
  links: [label: string, url: string][]
  /** ALERT_ID:STATUS. */
  mark: string
}

/** In characters; lines are of changes, and the number of those left out is said. */
export interface PartLimits {
  title: number
  text: number
  value: number
  lines: number
  revert: number
}

const LINK = 2_000
const MAX_TEXTS = 20
/** The first ones tell of what kind they are. */
const MAX_DEPENDENTS = 5
const MAX_PAST = 5

export function alertParts(alert: AlertJson, limits: PartLimits): AlertParts {
  const { status, severity, type, revertCommand, remediation } = alert
  const head = status === 'open' ? severity : `${status} (${severity})`
  const about = printable(subject(alert))
  const revert = revertCommand?.split('\n').map(printable).join('\n') || null
  const fits = revert !== null && revert.length <= limits.revert
  const short = (text: string) => shorten(printable(text), limits.value)
  return {
    title: shorten(`${head}: ${type.replaceAll('_', ' ')}: ${about}`, limits.title),
    message: shorten(printable(alert.message), limits.text),
    changes: counted(
      alert.diffs.flatMap((diff) => changeLines(diff, limits.value)),
      limits.lines,
    ),
    facts: facts(alert).flatMap(([label, texts]) => {
      const shown = texts.filter((text) => !!text).map((text) => short(text!))
      return shown.length > 0 ? [[label, counted(shown, MAX_TEXTS)]] : []
    }),
    revert: fits ? revert : null,
    advice:
      revert !== null && !fits
        ? ['The command that sets it back does not fit here; the alert has it.']
        : counted(remediation.map(short), MAX_TEXTS),
    links: links(alert),
    mark: `${alert.id}:${status}`,
  }
}

function changeLines(diff: AlertChange, max: number): string[] {
  const name = shorten(printable(diff.attribute), max)
  const { hidden, elementwise, removed, added } = changeText(diff)
  const short = (text: string) => shorten(text, max)
  if (hidden) return [`${name} changed; the value is sensitive and not shown`]
  if (!elementwise && removed.length <= 1 && added.length <= 1) {
    const [before, after] = [removed[0], added[0]].map((text) =>
      text === undefined ? 'absent' : short(text),
    )
    return [`${name}: ${before} → ${after}`]
  }
  return [
    ...removed.map((text) => `${name} − ${short(text)}`),
    ...added.map((text) => `${name} + ${short(text)}`),
  ]
}

function facts(alert: AlertJson): [label: string, texts: (string | null | undefined)[]][] {
  const { resource, sourceEvent, matchedRules, resolvedBy } = alert
  const dependents = dependentsText(alert)
  const place = [resource?.provider, resource?.account, resource?.region].filter(Boolean).join(' ')
  const state = resource?.state && `${resource.state.source} #${resource.state.serial}`
  return [
    ['Who', [actorText(alert)]],
    ['What', [`${sourceEvent.name} ${sourceEvent.source}`.trim()]],
    ['When', [sourceEvent.time]],
    ['Event', [sourceEvent.id]],
    ['Resource', [resource?.address && resource.id, resource?.arn, place]],
    ['State', [state, ...(resource?.alsoManagedBy ?? [])]],
    ['Owner', [alert.owner]],
    ['Dependents', dependents ? [dependents, ...alert.blastRadius!.addresses.slice(0, MAX_DEPENDENTS)] : []],
    ['Changed before', historyLines(alert, MAX_PAST)],
    ['Rules', matchedRules.map((rule) => `${rule.id} ${rule.name}`)],
    ['Resolved by', [resolvedBy]],
  ]
}

function links(alert: AlertJson): [label: string, url: string][] {
  const found: [label: string, url: string | null][] = [
    ['Runbook', alert.runbookUrl],
    ["The event in the cloud's console", eventLink(alert)],
  ]
  return found.filter((one): one is [string, string] => isLink(one[1]))
}

function isLink(url: string | null): boolean {
  return url !== null && url.length <= LINK && /^https?:\/\/[^\s<>|"']+$/.test(url) && printable(url) === url
}

/** As many as may be, and how many there are more. */
function counted(lines: string[], max: number): string[] {
  if (lines.length <= max) return lines
  return [...lines.slice(0, max - 1), `… ${lines.length - max + 1} more`]
}
