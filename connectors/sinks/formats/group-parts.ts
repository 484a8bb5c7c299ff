import type { Severity } from '../../../schemas/types.ts'
import type { AlertJson } from '../../alert-json.ts'
import type { AlertGroup } from '../../sink.ts'
import { actorText } from './actor-text.ts'
import { changeLines } from './change-lines.ts'
import { printable } from './printable.ts'
import { shorten } from './shorten.ts'
import { subject } from './subject.ts'

const signs: Record<Severity, string> = { critical: '🔴', high: '🟠', medium: '🟡', low: '🔵', info: '⚪' }
const severities = Object.keys(signs) as Severity[]
const VALUE = 80
const NAMES = 200
const SUBJECT = 300

/** What a message has room for. */
export interface GroupRoom {
  /** Pages of so many characters, of whole lines. */
  pages: number
  characters: number
  /** Lines at most. */
  lines: number
  /** Markup for a text that others have chosen; must make it harmless. */
  show(text: string): string
}

export interface GroupParts {
  /** Safe to print, without markup. */
  title: string
  /** Who, and when; safe to print, without markup. */
  about: string
  worst: Severity
  /** A line for each alert, with markup. */
  pages: string[][]
  /** How many of the alerts have their line. */
  count: number
}

/**
 * A group of alerts as lines, one for each: with all that has changed where there is room, else with the names of what
 * has changed, else with the resource only. No alert is left out for its length but at the end: see `count`.
 */
export function groupParts(group: AlertGroup, room: GroupRoom): GroupParts {
  const { alerts } = group
  const worst = severities.find((severity) => alerts.some((alert) => alert.severity === severity))!
  const forms = [wholeLine, namesLine, shortLine].map((line) => () => fill(alerts, line, room))
  let filled = forms[0]!()
  for (const form of forms.slice(1)) if (filled.count < alerts.length) filled = form()
  return { title: title(group, worst), about: about(group), worst, ...filled }
}

type Line = (alert: AlertJson, show: GroupRoom['show']) => string

function fill(
  alerts: readonly AlertJson[],
  line: Line,
  room: GroupRoom,
): { pages: string[][]; count: number } {
  const pages: string[][] = [[]]
  let count = 0
  let left = room.characters
  for (const alert of alerts.slice(0, room.lines)) {
    const text = line(alert, room.show)
    if (text.length + 1 > left) {
      if (pages.length === room.pages) break
      pages.push([])
      left = room.characters
    }
    left -= text.length + 1
    pages.at(-1)!.push(text)
    count++
  }
  return { pages, count }
}

function wholeLine(alert: AlertJson, show: GroupRoom['show']): string {
  const short = (text: string) => show(shorten(printable(text), VALUE))
  const changes = alert.diffs.flatMap((diff) => changeLines(diff, short))
  return changes.length > 0 ? `${shortLine(alert, show)} ${changes.join('; ')}` : namesLine(alert, show)
}

function namesLine(alert: AlertJson, show: GroupRoom['show']): string {
  const { diffs, sourceEvent } = alert
  const names = diffs.length > 0 ? diffs.map(({ attribute }) => attribute).join(', ') : sourceEvent.name
  return `${shortLine(alert, show)} ${show(shorten(printable(names), NAMES))}`
}

function shortLine(alert: AlertJson, show: GroupRoom['show']): string {
  const { severity, status, type } = alert
  const sign = status === 'resolved' ? '✅' : signs[severity]
  const what = {
    attribute_drift: '',
    unmanaged_resource: ' unmanaged',
    resource_deleted: ' deleted',
    signal: '',
  }[type]
  const state = status === 'open' ? '' : ` (${status})`
  return `${sign} ${show(shorten(printable(subject(alert)), SUBJECT))}${what}${state}`
}

function title({ kind, alerts, others, since }: AlertGroup, worst: Severity): string {
  const more = others > 0 ? `, ${others} more follow` : ''
  const counts = severities.flatMap((severity) => {
    const count = alerts.filter((alert) => alert.severity === severity).length
    return count > 0 ? [`${count} ${severity}`] : []
  })
  const what =
    kind === 'digest'
      ? `${alerts.length} alerts held back since ${time(since)}`
      : `${alerts.length} changes by ${shorten(printable(alerts[0]!.actor.name || 'unknown'), 60)}`
  return `${signs[worst]} ${what} (${counts.join(', ')}${more})`
}

function about({ kind, alerts }: AlertGroup): string {
  const times = alerts.map(({ sourceEvent }) => sourceEvent.time).sort()
  const [first, last] = [times[0]!, times.at(-1)!]
  const when = first === last ? first : `${first} to ${last}`
  const [{ resource }] = alerts as [AlertJson]
  const place = [resource?.provider, resource?.account].filter(Boolean).join(' ')
  const parts = kind === 'digest' ? [when] : [actorText(alerts[0]!), place, when]
  return parts
    .filter(Boolean)
    .map((part) => shorten(printable(part), SUBJECT))
    .join(', ')
}

function time(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
