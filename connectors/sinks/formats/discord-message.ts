import type { Severity } from '../../../schemas/types.ts'
import type { AlertJson } from '../../alert-json.ts'
import { actorText } from './actor-text.ts'
import { changeLines } from './change-lines.ts'
import { eventLink } from './event-link.ts'
import { printable } from './printable.ts'
import { shorten } from './shorten.ts'
import { subject } from './subject.ts'

/** Discord's limits, in characters; a whole embed has 6,000 at most. */
const TITLE = 256
const DESCRIPTION = 4_096
const FIELD = 1_024
/** Of all fields together, so that 6,000 hold with title, description and footer. */
const FIELDS = 1_200
/** Of what stands in one field or line: two hundred are read, the rest is in the alert itself. */
const VALUE = 200
const LINK = 1_000

const signs: Record<Severity, string> = { critical: '🔴', high: '🟠', medium: '🟡', low: '🔵', info: '⚪' }
export const colours: Record<Severity, number> = {
  critical: 0xd0021b,
  high: 0xf5821f,
  medium: 0xf8c81c,
  low: 0x2d7dd2,
  info: 0x95a5a6,
}
const RESOLVED = 0x2ecc71

export interface DiscordMessage {
  embeds: DiscordEmbed[]
  /** Nobody is ever mentioned. */
  allowed_mentions: { parse: [] }
}

export interface DiscordEmbed {
  title: string
  description: string
  color: number
  timestamp: string
  fields: { name: string; value: string; inline: boolean }[]
  footer: { text: string }
}

/**
 * An alert as a message of Discord, within its limits. What comes from events and states stands in code, or escaped in
 * the title, so that nobody can make it mention, link or format. A command is given whole or not at all.
 */
export function discordMessage(alert: AlertJson): DiscordMessage {
  const isResolved = alert.status === 'resolved'
  const kind = alert.type.replaceAll('_', ' ')
  const status = alert.status === 'open' ? '' : ` (${alert.status})`
  const sign = isResolved ? '✅' : signs[alert.severity]
  const by = alert.resolvedBy ? ` by ${alert.resolvedBy}` : ''
  return {
    embeds: [
      {
        title: escaped(`${sign} ${alert.severity}: ${kind}${status}: ${printable(subject(alert))}`, TITLE),
        description: description(alert),
        color: isResolved ? RESOLVED : colours[alert.severity],
        timestamp: alert.detectedAt,
        fields: fields(alert),
        footer: { text: `${alert.id} ${alert.status}${by}` },
      },
    ],
    allowed_mentions: { parse: [] },
  }
}

/** The message, the changes as far as they fit, the way back and the links. */
function description(alert: AlertJson): string {
  const after = [...remedy(alert), ...links(alert)].join('\n')
  const lines = [code(alert.message, 1_000)]
  let left = DESCRIPTION - after.length - lines[0]!.length - 100
  const all = alert.diffs.flatMap((diff) => changeLines(diff, code))
  for (const line of all) {
    left -= line.length + 1
    if (left < 0) break
    lines.push(line)
  }
  const more = all.length - (lines.length - 1)
  return [...lines, ...(more > 0 ? [`… ${more} more lines`] : []), after].filter(Boolean).join('\n')
}

function remedy({ revertCommand, remediation }: AlertJson): string[] {
  if (!revertCommand) return remediation[0] ? [code(remediation[0], 500)] : []
  const text = revertCommand.split('\n').map(printable).join('\n')
  // Cut, or with other signs, it would be another command.
  const isShown = text.length <= 1_500 && !text.includes('```')
  return [
    isShown
      ? `**Revert**\n\`\`\`\n${text}\n\`\`\``
      : '**Revert**\nThe command does not fit here; the alert has it.',
  ]
}

function links(alert: AlertJson): string[] {
  const found = [
    link(alert.runbookUrl, 'Runbook'),
    link(eventLink(alert), "The event in the cloud's console"),
  ].filter((one) => one !== null)
  return found.length > 0 ? [found.join(' · ')] : []
}

function link(url: string | null, label: string): string | null {
  if (!url || url.length > LINK / 2 || !/^https?:\/\/[^\s<>()[\]`]+$/.test(url)) return null
  return `[${label}](${url})`
}

function fields(alert: AlertJson): DiscordEmbed['fields'] {
  const { resource, sourceEvent, matchedRules } = alert
  const place = [resource?.provider, resource?.account, resource?.region].filter(Boolean).join(' ')
  const state = resource?.state && `${resource.state.source} #${resource.state.serial}`
  const facts: [name: string, texts: (string | null | undefined)[]][] = [
    ['Event', [sourceEvent.id]],
    ['Who', [actorText(alert)]],
    ['What', [`${sourceEvent.name} ${sourceEvent.source}`.trim()]],
    ['When', [sourceEvent.time]],
    ['Resource', [resource?.id, place]],
    ['State', [state]],
    ['Rules', matchedRules.slice(0, 20).map((rule) => `${rule.id} ${rule.name}`)],
  ]
  let left = FIELDS
  return facts.flatMap(([name, texts]) => {
    const shown = texts.filter((text) => !!text).map((text) => code(text!))
    while (shown.length > 0 && name.length + shown.join('\n').length > Math.min(left, FIELD)) shown.pop()
    if (shown.length === 0) return []
    const value = shown.join('\n')
    left -= name.length + value.length
    return [{ name, value, inline: false }]
  })
}

/** A backtick would end the code, and there is no way of writing one there. Two keep a space at the ends. */
export function code(text: string, max = VALUE): string {
  return `\`${shorten(printable(text).replaceAll('`', 'ˋ'), max) || ' '}\``
}

/** Escaped, and no longer than that when it is. */
export function escaped(text: string, max: number): string {
  for (let length = max; ; length -= Math.ceil(length / 10)) {
    const result = shorten(text, length).replace(/[\\*_~`|<>#@[\]():]/g, '\\$&')
    if (result.length <= max) return result
  }
}
