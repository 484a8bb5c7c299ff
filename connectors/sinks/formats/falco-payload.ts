import { createHash } from 'node:crypto'
import type { Severity } from '../../../schemas/types.ts'
import type { AlertJson } from '../../alert-json.ts'
import { actorText } from './actor-text.ts'
import { changeText } from './change-text.ts'
import { printable } from './printable.ts'
import { shorten } from './shorten.ts'
import { subject } from './subject.ts'

/** What Falco's http_output posts, and falcosidekick takes. */
export interface FalcoPayload {
  uuid: string
  output: string
  priority: 'Critical' | 'Error' | 'Warning' | 'Notice' | 'Informational'
  rule: string
  time: string
  source: typeof FALCO_SOURCE
  hostname: string
  tags: string[]
  output_fields: Record<string, string | number>
}

/** The source of every finding that we make. */
export const FALCO_SOURCE = 'tfdrift'

const OUTPUT = 2_000
const VALUE = 500
const CHANGES = 20

const priorities: Record<Severity, FalcoPayload['priority']> = {
  critical: 'Critical',
  high: 'Error',
  medium: 'Warning',
  low: 'Notice',
  info: 'Informational',
}

/**
 * An alert as a finding of Falco. Its uuid is of ALERT_ID:STATUS, the same in every attempt. What is over (resolved,
 * suppressed, expired) or known to somebody comes at Notice at most: it is told, and wakes nobody.
 */
export function falcoPayload(alert: AlertJson, hostname: string): FalcoPayload {
  const { severity, status, type, matchedRules, sourceEvent, detectedAt } = alert
  const isNews = status === 'open' || status === 'changed'
  const name = matchedRules[0]?.name ?? type.replaceAll('_', ' ')
  const state = status === 'open' ? '' : `[${status}] `
  return {
    uuid: uuidOf(`${alert.id}:${status}`),
    output: short(`${state}${subject(alert)}: ${alert.message}`, OUTPUT),
    priority: isNews || severity === 'info' ? priorities[severity] : 'Notice',
    rule: short(`Terraform Drift: ${name}`, VALUE),
    time: timeOf(sourceEvent.time) ?? timeOf(detectedAt) ?? new Date().toISOString(),
    source: FALCO_SOURCE,
    hostname,
    tags: ['tfdrift', type, status, ...(alert.resource ? [alert.resource.provider] : [])],
    output_fields: present(fields(alert)),
  }
}

function fields(alert: AlertJson): Record<string, string | number | null | undefined> {
  const { resource, actor, sourceEvent, matchedRules, diffs } = alert
  return {
    'tfdrift.alert.id': alert.id,
    'tfdrift.drift.id': alert.driftId,
    'tfdrift.type': alert.type,
    'tfdrift.status': alert.status,
    'tfdrift.severity': alert.severity,
    'tfdrift.resource.address': resource?.address,
    'tfdrift.resource.type': resource?.type,
    'tfdrift.resource.id': resource?.id,
    'tfdrift.resource.arn': resource?.arn,
    'tfdrift.resource.provider': resource?.provider,
    'tfdrift.resource.account': resource?.account,
    'tfdrift.resource.region': resource?.region,
    'tfdrift.state.source': resource?.state?.source,
    'tfdrift.state.serial': resource?.state?.serial,
    'tfdrift.changes': changes(diffs),
    'tfdrift.changes.count': diffs.length,
    'tfdrift.rules': matchedRules.map(({ id }) => id).join(', '),
    'tfdrift.actor': actorText(alert),
    'tfdrift.actor.name': actor.name,
    'tfdrift.actor.ip': actor.sourceIp,
    'tfdrift.event.id': sourceEvent.id,
    'tfdrift.event.name': sourceEvent.name,
    'tfdrift.event.source': sourceEvent.source,
    'tfdrift.revert': fits(alert.revertCommand),
    'tfdrift.runbook': fits(alert.runbookUrl),
    'tfdrift.resolved.by': alert.resolvedBy,
  }
}

function changes(diffs: AlertJson['diffs']): string {
  const shown = diffs.slice(0, CHANGES).map((diff) => {
    const { hidden, removed, added } = changeText(diff)
    const name = short(diff.attribute, VALUE)
    if (hidden) return `${name}: (sensitive)`
    const [before, after] = [removed, added].map((texts) => short(texts.join(', ') || 'absent', VALUE / 2))
    return `${name}: ${before} → ${after}`
  })
  const more = diffs.length - shown.length
  return [...shown, ...(more > 0 ? [`… ${more} more`] : [])].join('; ')
}

/** Bounded and printable where they are made. */
const made = new Set(['tfdrift.changes', 'tfdrift.revert', 'tfdrift.runbook'])

/** Without what is absent. */
function present(all: Record<string, string | number | null | undefined>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => {
      if (value === null || value === undefined || value === '') return []
      return [[name, typeof value === 'string' && !made.has(name) ? short(value, VALUE) : value]]
    }),
  )
}

/** A command or link that is too long is left out: cut, it would be another one. */
function fits(text: string | null): string | null {
  return text !== null && text.length <= OUTPUT ? text.split('\n').map(printable).join('\n') : null
}

function short(text: string, max: number): string {
  return shorten(printable(text), max)
}

/** RFC 3339, as Go reads it; null for what is no time. */
function timeOf(text: string): string | null {
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}

/** A UUID of version 8: the beginning of the text's hash. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-')
}
