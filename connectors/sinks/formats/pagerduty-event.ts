import type { AlertState, Severity } from '../../../schemas/types.ts'
import type { AlertJson } from '../../alert-json.ts'
import { actorText } from './actor-text.ts'
import { changeLines } from './change-lines.ts'
import { eventLink } from './event-link.ts'
import { printable } from './printable.ts'
import { shorten } from './shorten.ts'
import { subject } from './subject.ts'

const SUMMARY = 1_024
/** Of one value, name or line: an event may have 512 KB. */
const TEXT = 500
const LINES = 100
const COMMAND = 20_000
const LINK = 1_000

const severities: Record<Severity, string> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
  info: 'info',
}

/** What an operator has suppressed, or time has ended, is nobody's page any more. */
const actions: Record<AlertState, 'trigger' | 'acknowledge' | 'resolve'> = {
  open: 'trigger',
  changed: 'trigger',
  acknowledged: 'acknowledge',
  suppressed: 'resolve',
  expired: 'resolve',
  resolved: 'resolve',
}

/**
 * An alert as an event of PagerDuty's Events API v2, within its limits, without its routing key. The drift is the
 * dedup_key: its alerts gather in one incident, and what is sent twice changes nothing there.
 */
export function pagerdutyEvent(alert: AlertJson) {
  const { resource, sourceEvent } = alert
  return {
    event_action: actions[alert.status],
    dedup_key: alert.driftId,
    client: 'TFDrift Streams',
    links: links(alert),
    payload: {
      summary: line(alert.message, SUMMARY) || line(subject(alert), SUMMARY),
      source: line(subject(alert)) || alert.driftId,
      severity: severities[alert.severity],
      timestamp: instant(alert),
      ...filled({
        component: resource?.id,
        group: [resource?.provider, resource?.account, resource?.region].filter(Boolean).join(' '),
        class: resource?.type ?? sourceEvent.source,
      }),
      custom_details: details(alert),
    },
  }
}

/** Without those that are empty. */
function filled(texts: Record<string, string | undefined>): object {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => (text ? [[name, line(text)]] : [])),
  )
}

function details(alert: AlertJson): object {
  const { resource, sourceEvent, matchedRules, remediation, revertCommand } = alert
  return {
    alert: { id: alert.id, status: alert.status, type: alert.type, severity: alert.severity },
    ...(alert.resolvedBy && { resolvedBy: alert.resolvedBy }),
    changes: changes(alert.diffs),
    who: line(actorText(alert)),
    event: {
      id: line(sourceEvent.id),
      name: line(sourceEvent.name),
      source: line(sourceEvent.source),
      time: line(sourceEvent.time),
    },
    ...(resource?.state && { state: line(`${resource.state.source} #${resource.state.serial}`) }),
    rules: counted(matchedRules.map(({ id, name }) => line(`${id} ${name}`))),
    remediation: counted(remediation.map((step) => line(step))),
    ...(revertCommand && { revert: command(revertCommand) }),
  }
}

/** Cut, or with other signs, it would be another command. */
function command(text: string): string {
  const shown = text.split('\n').map(printable).join('\n')
  return shown === text && text.length <= COMMAND
    ? text
    : 'The command does not fit here; the alert itself has it.'
}

function changes(diffs: AlertJson['diffs']): string[] {
  const lines = counted(diffs.slice(0, LINES).flatMap((diff) => changeLines(diff, line)))
  return diffs.length > LINES ? [...lines, `${diffs.length} attributes in all`] : lines
}

function counted(lines: string[]): string[] {
  const more = lines.length - LINES
  return more > 0 ? [...lines.slice(0, LINES), `… ${more} more`] : lines
}

function links(alert: AlertJson): { href: string; text: string }[] {
  const all = [
    { href: alert.runbookUrl, text: 'Runbook' },
    { href: eventLink(alert), text: "The event in the cloud's console" },
  ]
  return all.flatMap(({ href, text }) =>
    href && href.length <= LINK && /^https?:\/\/\S+$/.test(href) && URL.canParse(href)
      ? [{ href, text }]
      : [],
  )
}

/** With milliseconds at most: Falco's times have more, and PagerDuty's are ISO 8601. */
function instant({ sourceEvent, detectedAt }: AlertJson): string {
  const at = Date.parse(sourceEvent.time)
  return Number.isNaN(at) ? detectedAt : new Date(at).toISOString()
}

function line(text: string, max = TEXT): string {
  return shorten(printable(text), max)
}
