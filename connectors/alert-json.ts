import type { Alert, AttributeDiff } from '../schemas/types.ts'

/** The alert as the outside sees it: old and new values are JSON values, empty parts are left out. */
export type AlertJson = Omit<Alert, 'diffs' | 'channels'> & {
  diffs: (Omit<AttributeDiff, 'oldValue' | 'newValue'> & { oldValue?: unknown; newValue?: unknown })[]
}

/**
 * Converts the record of tfdrift.alerts into the JSON alert that detect, webhooks and the API share. A sensitive
 * value leaves here in no form, whatever stands in the record.
 */
export function alertJson(alert: Alert): AlertJson {
  const { channels: _, diffs, ...rest } = alert
  return {
    ...rest,
    diffs: diffs.map(({ oldValue, newValue, ...diff }) => ({
      ...diff,
      ...(oldValue !== null && !diff.sensitive && { oldValue: JSON.parse(oldValue) }),
      ...(newValue !== null && !diff.sensitive && { newValue: JSON.parse(newValue) }),
    })),
  }
}
