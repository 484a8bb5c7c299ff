import type { Severity } from '../../../schemas/types.ts'
import type { AlertJson } from '../../alert-json.ts'
import { actorText } from './actor-text.ts'
import { type AlertChange, changeText } from './change-text.ts'
import { eventLink } from './event-link.ts'
import { printable } from './printable.ts'
import { code, escaped, fitted, mrkdwn, plain, type SlackText as Text } from './slack-text.ts'
import { subject } from './subject.ts'
import { dependentsText, historyLines } from './surroundings-text.ts'

/** Slack's limits, in characters and numbers. */
const HEADER = 150
const SECTION = 3_000
const FIELD = 2_000
const CHANGE_SECTIONS = 3
const LINK = 1_000
/** The first ones tell of what kind they are. */
const MAX_DEPENDENTS = 3
const MAX_PAST = 3

const signs: Record<Severity, string> = { critical: '🔴', high: '🟠', medium: '🟡', low: '🔵', info: '⚪' }

type Block = { type: string; text?: Text; fields?: Text[]; elements?: Text[] }

export interface SlackMessage {
  /** What notifications and screen readers say. */
  text: string
  blocks: Block[]
}

/**
 * An alert as a message of Block Kit, within Slack's limits. What comes from events and states stands in plain text or
 * in code, with &, < and > escaped, so that nobody can make it mention a channel, link or format. A command is given
 * whole or not at all.
 */
export function slackMessage(alert: AlertJson): SlackMessage {
  const kind = alert.type.replaceAll('_', ' ')
  const status = alert.status === 'open' ? '' : ` (${alert.status})`
  const sign = alert.status === 'resolved' ? '✅' : signs[alert.severity]
  const title = `${sign} ${alert.severity}: ${kind}${status}: ${printable(subject(alert))}`
  return {
    text: fitted(`${sign} ${alert.severity}${status}: ${printable(alert.message)}`, SECTION),
    blocks: [
      { type: 'header', text: plain(title, HEADER) },
      { type: 'section', text: plain(printable(alert.message), SECTION) },
      ...changes(alert.diffs),
      { type: 'section', fields: fields(alert) },
      ...remedy(alert),
      { type: 'context', elements: context(alert) },
    ],
  }
}

/** Old → new, a line each, in as many sections as they take, and then the number of those that are left out. */
function changes(diffs: readonly AlertChange[]): Block[] {
  const lines = diffs.flatMap(changeLines)
  const texts: string[] = []
  let shown = 0
  for (const line of lines) {
    const last = texts.at(-1)
    if (last !== undefined && last.length + line.length + 1 <= SECTION)
      texts[texts.length - 1] = `${last}\n${line}`
    else if (texts.length < CHANGE_SECTIONS) texts.push(line)
    else break
    shown++
  }
  const more = lines.length - shown
  return [
    ...texts.map((text) => ({ type: 'section', text: mrkdwn(text) })),
    ...(more > 0 ? [{ type: 'context', elements: [mrkdwn(`… ${more} more lines`)] }] : []),
  ]
}

function changeLines(diff: AlertChange): string[] {
  const name = code(diff.attribute)
  const { hidden, elementwise, removed, added } = changeText(diff)
  if (hidden) return [`${name} changed; the value is sensitive and not shown`]
  if (!elementwise && removed.length <= 1 && added.length <= 1) {
    return [
      `${name}: ${removed[0] ? code(removed[0]) : '_absent_'} → ${added[0] ? code(added[0]) : '_absent_'}`,
    ]
  }
  return [
    ...removed.map((text) => `${name} − ${code(text)}`),
    ...added.map((text) => `${name} + ${code(text)}`),
  ]
}

function fields(alert: AlertJson): Text[] {
  const { resource, sourceEvent, matchedRules } = alert
  const place = [resource?.provider, resource?.account, resource?.region].filter(Boolean).join(' ')
  const state = resource?.state && `${resource.state.source} #${resource.state.serial}`
  const facts: [label: string, texts: (string | null | undefined)[]][] = [
    ['Who', [actorText(alert)]],
    ['What', [`${sourceEvent.name} ${sourceEvent.source}`.trim()]],
    ['When', [sourceEvent.time]],
    ['Event', [sourceEvent.id]],
    ['Resource', [resource?.id, place]],
    ['State', [state]],
    ['Owner', [alert.owner]],
    ['Dependents', [dependentsText(alert), ...(alert.blastRadius?.addresses.slice(0, MAX_DEPENDENTS) ?? [])]],
    ['Changed before', historyLines(alert, MAX_PAST)],
    ['Rules', matchedRules.map((rule) => `${rule.id} ${rule.name}`)],
  ]
  return facts.flatMap(([label, texts]) => {
    const shown = texts.filter((text) => !!text).map((text) => code(text!))
    if (shown.length === 0) return []
    while (shown.join('\n').length > FIELD - 50) shown.pop()
    return [mrkdwn(`*${label}*\n${shown.join('\n')}`)]
  })
}

function remedy({ revertCommand, remediation }: AlertJson): Block[] {
  if (!revertCommand) {
    return remediation[0] ? [{ type: 'section', text: plain(printable(remediation[0]), SECTION) }] : []
  }
  const lines = escaped(revertCommand.split('\n').map(printable).join('\n'))
  const text = `*Revert*\n\`\`\`\n${lines}\n\`\`\``
  // Cut, or with other signs, it would be another command.
  const isShown = text.length <= SECTION && !lines.includes('```')
  return [
    {
      type: 'section',
      text: mrkdwn(isShown ? text : '*Revert*\nThe command does not fit here; the alert has it.'),
    },
  ]
}

function context(alert: AlertJson): Text[] {
  const links = [
    link(alert.runbookUrl, 'Runbook'),
    link(eventLink(alert), "The event in the cloud's console"),
  ]
  const by = alert.resolvedBy ? ` by ${alert.resolvedBy}` : ''
  return [...links.flatMap((one) => one ?? []), mrkdwn(`${code(alert.id)} ${code(alert.status + by)}`)]
}

function link(url: string | null, label: string): Text | null {
  if (!url || url.length > LINK || !/^https?:\/\/[^\s<>|]+$/.test(url)) return null
  return mrkdwn(`<${escaped(url)}|${label}>`)
}
