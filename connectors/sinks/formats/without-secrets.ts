import type { AlertJson } from '../../alert-json.ts'

/** The alert without the values of sensitive diffs. They should hold none; what leaves the house is not to rest on that. */
export function withoutSecrets(alert: AlertJson): AlertJson {
  if (!alert.diffs.some((diff) => diff.sensitive)) return alert
  return {
    ...alert,
    diffs: alert.diffs.map((diff) => {
      if (!diff.sensitive) return diff
      const { oldValue: _, newValue: __, ...rest } = diff
      return rest
    }),
  }
}
