import type { Alert } from '../../schemas/types.ts'

/** Changes that are not compared are printed only if asked for. A signal is a finding whether it is compared or not. */
export function isPrinted({ compared, type }: Pick<Alert, 'compared' | 'type'>): boolean {
  return compared || type === 'signal'
}
