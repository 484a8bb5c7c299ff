import type { Priority } from '../schemas/priorities.ts'
import type { Severity } from '../schemas/types.ts'

/** Most severe first. */
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const satisfies readonly Severity[]

/** Negative if a is more severe than b. */
export function compareSeverity(a: Severity, b: Severity): number {
  return severities.indexOf(a) - severities.indexOf(b)
}

/** What Falco's priorities mean here. */
export const severityOfPriority: Record<Priority, Severity> = {
  emergency: 'critical',
  alert: 'critical',
  critical: 'critical',
  error: 'high',
  warning: 'medium',
  notice: 'low',
  informational: 'info',
  debug: 'info',
}
