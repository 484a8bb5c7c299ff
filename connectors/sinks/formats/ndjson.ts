import type { AlertJson } from '../../alert-json.ts'

/** One alert a line. */
export function ndjson(alerts: readonly AlertJson[]): string {
  return alerts.map((alert) => `${JSON.stringify(alert)}\n`).join('')
}
