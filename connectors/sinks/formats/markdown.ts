import type { Severity } from '../../../schemas/types.ts'
import type { AlertJson } from '../../alert-json.ts'
import { actorText } from './actor-text.ts'
import { changeText } from './change-text.ts'
import { printable } from './printable.ts'
import { shorten } from './shorten.ts'
import { subject } from './subject.ts'

const severities: Severity[] = ['critical', 'high', 'medium', 'low', 'info']
const MAX_VALUE = 200
const MAX_ELEMENTS = 20

/**
 * A report in GitHub-flavoured Markdown: a summary table, then a section an alert. All text that comes from events or
 * states stands in code, where neither markup nor HTML nor a mention of a person works.
 */
export function markdown(alerts: readonly AlertJson[]): string {
  if (alerts.length === 0) return '# Terraform drift\n\nNo findings.\n'
  const counts = severities.flatMap((severity) => {
    const count = alerts.filter((alert) => alert.severity === severity).length
    return count > 0 ? `${count} ${severity}` : []
  })
  const total = alerts.length === 1 ? '1 finding' : `${alerts.length} findings`
  const blocks = [
    '# Terraform drift',
    `${total}: ${counts.join(', ')}.`,
    summary(alerts),
    ...alerts.map(section),
  ]
  return `${blocks.join('\n\n')}\n`
}

function summary(alerts: readonly AlertJson[]): string {
  return table(
    ['severity', 'finding', 'resource', 'attributes', 'who', 'when'],
    alerts.map((alert) => [
      alert.severity,
      kind(alert),
      code(subject(alert)),
      alert.diffs.map((diff) => code(diff.attribute)).join('<br>'),
      code(alert.actor.name || 'unknown'),
      code(alert.sourceEvent.time),
    ]),
  )
}

function section(alert: AlertJson): string {
  const blocks = [
    `## ${alert.severity}: ${kind(alert)}, ${code(subject(alert))}`,
    alert.diffs.length > 0 ? changes(alert) : code(alert.message),
    facts(alert),
    alert.revertCommand && `Revert:\n\n${fenced(alert.revertCommand)}`,
  ]
  return blocks.filter(Boolean).join('\n\n')
}

function kind({ type, status }: AlertJson): string {
  return type.replaceAll('_', ' ') + (status === 'open' ? '' : ` (${status})`)
}

function changes({ diffs }: AlertJson): string {
  return table(
    ['attribute', 'before', 'after'],
    diffs.map((diff) => {
      const { hidden, elementwise, removed, added } = changeText(diff)
      if (hidden) return [code(diff.attribute), '*sensitive*', '*sensitive, changed*']
      const signs = elementwise ? ['− ', '+ '] : ['', '']
      return [code(diff.attribute), side(signs[0]!, removed), side(signs[1]!, added)]
    }),
  )
}

function side(sign: string, texts: readonly string[]): string {
  const shown = texts.slice(0, MAX_ELEMENTS).map((text) => sign + code(shorten(text, MAX_VALUE)))
  if (texts.length > MAX_ELEMENTS) shown.push(`… ${texts.length - MAX_ELEMENTS} more`)
  return shown.join('<br>')
}

function facts(alert: AlertJson): string {
  const { resource, sourceEvent, matchedRules, remediation, runbookUrl } = alert
  const state = resource?.state && `${resource.state.source} #${resource.state.serial}`
  const codes = (texts: (string | null | undefined)[]) =>
    texts.filter((text) => !!text).map((text) => code(text!))
  const facts: [label: string, parts: string[]][] = [
    ['Resource', codes([resource?.id, resource?.provider, resource?.account, resource?.region])],
    ['State', codes([state, ...(resource?.alsoManagedBy ?? [])])],
    ['Who', codes([actorText(alert)])],
    ['Event', codes([sourceEvent.name, sourceEvent.source, sourceEvent.time, sourceEvent.id])],
    ['Rules', matchedRules.map((rule) => `${code(rule.id)} ${code(rule.name)}`)],
    ['Remediation', codes(remediation)],
    ['Runbook', runbookUrl ? [link(runbookUrl)] : []],
  ]
  return facts
    .flatMap(([label, parts]) => (parts.length > 0 ? `- ${label}: ${parts.join(', ')}` : []))
    .join('\n')
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/**
 * A backtick would end a code span and a pipe a table cell. What holds one is written as HTML, where Markdown goes on
 * reading, so all but letters and digits is encoded.
 */
function code(text: string): string {
  const safe = printable(text)
  if (/[^\s`|]/.test(safe) && !/[`|]/.test(safe)) return `\`${safe}\``
  return `<code>${safe.replace(/[^A-Za-z0-9 ]/gu, (character) => `&#${character.codePointAt(0)};`)}</code>`
}

function link(url: string): string {
  return /^https?:\/\/[^\s<>]+$/.test(url) ? `<${printable(url)}>` : code(url)
}

/** The fence is longer than any run of backticks in the text, which could end it otherwise. */
function fenced(text: string): string {
  const lines = text.split('\n').map(printable).join('\n')
  const longest = Math.max(2, ...(lines.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}sh\n${lines}\n${fence}`
}
