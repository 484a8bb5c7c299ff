import { printable } from '../connectors/sinks/formats/printable.ts'
import { shorten } from '../connectors/sinks/formats/shorten.ts'
import type { StatusChange } from '../schemas/types.ts'
import { textTable } from './mappings/text-table.ts'

/** A drift as the operations `alerts` and `alert` tell it. */
export interface ToldDrift {
  driftId: string
  status: string
  since: string
  severity: string | null
  address: string | null
  resourceKey: string
  message: string | null
  change: StatusChange | null
  alerts: unknown
}

/** As much of an id as tells drifts apart, and every command takes. */
const ID = 12
const MESSAGE = 80

export function driftTable(drifts: readonly ToldDrift[]): string {
  const rows = drifts.map(({ driftId, status, since, severity, message, ...drift }) => [
    driftId.slice(0, ID),
    severity ?? '-',
    status,
    since,
    printable(nameOf(drift)),
    printable(shorten(message ?? '', MESSAGE)),
  ])
  return textTable([['ID', 'SEVERITY', 'STATUS', 'SINCE', 'RESOURCE', 'MESSAGE'], ...rows], { left: 6 })
}

/** One drift, a fact a line, and its alerts. */
export function driftLines(drift: ToldDrift & { alerts: ToldAlert[] }): string {
  const { driftId, status, since, resourceKey, change, alerts } = drift
  const facts: [string, string | null][] = [
    ['drift', driftId],
    ['resource', nameOf(drift)],
    ['key', resourceKey],
    ['status', `${status} since ${since}`],
    ['by', change && [change.by, change.actor, change.at].filter(Boolean).join(', ')],
    ['reason', change?.reason ?? null],
    ['until', change?.until ?? null],
    ...alerts.flatMap((alert): [string, string][] => [
      [`alert`, `${alert.id} (${alert.status}, ${alert.severity})`],
      ['', alert.message],
      ...(alert.revertCommand ? ([['', `revert: ${alert.revertCommand}`]] as [string, string][]) : []),
    ]),
  ]
  return facts
    .filter((fact): fact is [string, string] => fact[1] !== null)
    .map(([name, text]) => `${name.padEnd(10)}${printable(text)}\n`)
    .join('')
}

interface ToldAlert {
  id: string
  status: string
  severity: string
  message: string
  revertCommand: string | null
}

function nameOf({ address, resourceKey }: Pick<ToldDrift, 'address' | 'resourceKey'>): string {
  return address ?? resourceKey
}
