import picocolors from 'picocolors'
import type { Severity } from '../../schemas/types.ts'
import type { AlertJson } from '../alert-json.ts'
import { actorText } from './formats/actor-text.ts'
import { type AlertChange, type ChangeText, changeText } from './formats/change-text.ts'
import { printable } from './formats/printable.ts'
import { shorten } from './formats/shorten.ts'
import { subject } from './formats/subject.ts'
import { dependentsText, historyLines } from './formats/surroundings-text.ts'

export interface ConsoleFormat {
  colour: boolean
  /** Columns of the terminal: values are shortened to it; addresses, links and commands never are. */
  width?: number | undefined
}

type Colours = ReturnType<typeof picocolors.createColors>

const INDENT = 'CRITICAL'.length + 2
const MAX_CHANGE_LINES = 6
const MAX_ATTRIBUTE = 36
const MIN_VALUE = 24
const MAX_DEPENDENTS = 3

/** One alert for people, about eight lines, without a line break at its end. Escape sequences in values are inert. */
export function formatAlert(alert: AlertJson, { colour, width = 120 }: ConsoleFormat): string {
  const colours = picocolors.createColors(colour)
  const lines = [
    ...whereLine(alert).map(colours.dim),
    ...changeLines(alert, colours, width - INDENT),
    ...factLines(alert, colours),
  ]
  return [headLine(alert, colours), ...lines.map((line) => ' '.repeat(INDENT) + line)].join('\n')
}

function headLine(alert: AlertJson, colours: Colours): string {
  const badge = badgeColours(colours)[alert.severity](alert.severity.toUpperCase())
  const gap = ' '.repeat(INDENT - alert.severity.length)
  const kind = alert.type.replaceAll('_', ' ')
  const by = alert.resolvedBy ? ` by ${printable(alert.resolvedBy)}` : ''
  const status = alert.status === 'open' ? '' : colours.green(`  ${alert.status}${by}`)
  return `${badge}${gap}${kind}  ${colours.bold(printable(subject(alert)))}${status}`
}

function badgeColours(colours: Colours): Record<Severity, (text: string) => string> {
  return {
    critical: (text) => colours.bold(colours.inverse(colours.red(text))),
    high: (text) => colours.bold(colours.red(text)),
    medium: colours.yellow,
    low: colours.blue,
    info: colours.dim,
  }
}

function whereLine({ resource }: AlertJson): string[] {
  if (!resource) return []
  const scope = [resource.provider, resource.account, resource.region].filter(Boolean).join(' ')
  const state = resource.state ? `${resource.state.source} #${resource.state.serial}` : ''
  const shared = resource.alsoManagedBy.length > 0 ? `also in ${resource.alsoManagedBy.join(', ')}` : ''
  const id = resource.address ? resource.id : ''
  return [printable([id, scope, state, shared].filter(Boolean).join(' · '))]
}

function changeLines(alert: AlertJson, colours: Colours, room: number): string[] {
  if (alert.diffs.length === 0) return [printable(alert.message)]
  const column = Math.min(MAX_ATTRIBUTE, Math.max(...alert.diffs.map((diff) => diff.attribute.length))) + 2
  const lines = alert.diffs.flatMap((diff) => diffLines(diff, colours, column, room))
  if (lines.length <= MAX_CHANGE_LINES) return lines
  const more = lines.length - MAX_CHANGE_LINES + 1
  return [...lines.slice(0, MAX_CHANGE_LINES - 1), colours.dim(`… ${more} more lines`)]
}

function diffLines(diff: AlertChange, colours: Colours, column: number, room: number): string[] {
  const attribute = printable(diff.attribute)
  const values = valueLines(changeText(diff), colours, Math.max(MIN_VALUE, room - column))
  if (attribute.length + 2 > column) return [colours.cyan(attribute), ...values.map((line) => `  ${line}`)]
  const label = colours.cyan(attribute) + ' '.repeat(column - attribute.length)
  return values.map((line, index) => (index === 0 ? label : ' '.repeat(column)) + line)
}

function valueLines(change: ChangeText, colours: Colours, room: number): string[] {
  if (change.hidden) return [colours.dim('(sensitive: changed, not shown)')]
  const [before, after] = [change.removed[0], change.added[0]]
  const isPair = before !== undefined && after !== undefined && !change.elementwise
  if (isPair && before.length + after.length + 3 <= room) {
    return [`${colours.red(before)} → ${colours.green(after)}`]
  }
  const lines = [
    ...change.removed.map((text) => colours.red(`- ${shorten(text, room - 2)}`)),
    ...change.added.map((text) => colours.green(`+ ${shorten(text, room - 2)}`)),
  ]
  return lines.length > 0 ? lines : ['changed']
}

/** How many depend on the resource, with the first few by name. */
function impactText(alert: AlertJson): string | null {
  const text = dependentsText(alert)
  if (text === null) return null
  const { addresses, totalDependents } = alert.blastRadius!
  const shown = addresses.slice(0, MAX_DEPENDENTS).join(', ')
  return `dependents: ${text}: ${shown}${totalDependents > MAX_DEPENDENTS ? ', …' : ''}`
}

/** The newest of the earlier changes, and how many there are more. */
function historyText(alert: AlertJson): string {
  return historyLines(alert, 1).join('  ')
}

function factLines(alert: AlertJson, colours: Colours): string[] {
  const { sourceEvent } = alert
  const facts: [label: string, text: string | null | undefined][] = [
    ['who', actorText(alert)],
    ['when', `${sourceEvent.time}  ${sourceEvent.name}  ${sourceEvent.id}`],
    ['owner', alert.owner],
    ['impact', impactText(alert)],
    ['before', historyText(alert)],
    ['rules', alert.matchedRules.map((rule) => `${rule.id} ${rule.name}`).join('; ')],
    ['runbook', alert.runbookUrl],
    alert.revertCommand ? ['revert', alert.revertCommand] : ['fix', alert.remediation[0]],
  ]
  return facts.flatMap(([label, text]) =>
    text ? [`${colours.dim(label.padEnd('runbook'.length + 2))}${printable(text)}`] : [],
  )
}
