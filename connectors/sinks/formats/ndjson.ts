import type { AlertJson } from '../../alert-json.ts'
import { withoutSecrets } from './without-secrets.ts'

/** One alert a line. */
export function ndjson(alerts: readonly AlertJson[]): string {
  return alerts.map((alert) => `${JSON.stringify(withoutSecrets(alert))}\n`).join('')
}
