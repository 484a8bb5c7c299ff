import { severities } from '../../processors/severity.ts'
import type { Alert } from '../../schemas/types.ts'
import type { Funnel } from './collect-findings.ts'
import { isPrinted } from './is-printed.ts'

export interface Outcome {
  funnel: Funnel
  alerts: readonly Alert[]
  bad: { records: number; skipped: number }
  /** Rows of all states. */
  resources: number
}

/** Where every event went: so many read, so many dropped for each reason, so many alerts of each severity. */
export function funnelText({ funnel, alerts, bad, resources }: Outcome): string {
  const count = (...outcomes: Parameters<typeof funnel.counts.get>[0][]) =>
    outcomes.reduce((sum, outcome) => sum + (funnel.counts.get(outcome) ?? 0), 0)
  const uncompared = alerts.filter((alert) => !isPrinted(alert))
  const printed = alerts.filter(isPrinted)
  const rows: [string, number][] = [
    ['events read', funnel.read],
    ['duplicates', funnel.duplicates],
    ['outside the filters', count('filtered')],
    ['read-only', count('read-only')],
    ['failed', count('failed')],
    ['without effect', count('no-effect')],
    ['made by services for themselves', count('service-created')],
    ["Terraform's own", funnel.terraform],
    ['already as declared', count('as-declared')],
    ['ignored by .tfdriftignore', count('ignored')],
    ['of resources in no state', count('unmanaged')],
    ['not compared', uncompared.length],
    ['unmapped', count('unmapped')],
    ['ends of long operations', count('operation-end')],
    ['too long for CloudTrail to tell', count('left-out')],
    ['not events of this kind', bad.skipped],
    ['bad records', bad.records],
  ]
  const bySeverity = severities.map((severity): [string, number] => [
    severity,
    printed.filter((alert) => alert.severity === severity).length,
  ])
  const text = ([label, number]: [string, number]) => `  ${String(number).padStart(7)} ${label}\n`
  return [
    `${resources} resources in the states\n`,
    ...rows.filter(([label, number]) => number > 0 || label === 'events read').map(text),
    ...(funnel.ignoredParts > 0
      ? [`${funnel.ignoredParts} differences left out of alerts by .tfdriftignore\n`]
      : []),
    `${printed.length} ${printed.length === 1 ? 'alert' : 'alerts'}\n`,
    ...bySeverity.filter(([, number]) => number > 0).map(text),
  ].join('')
}
