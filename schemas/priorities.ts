/** Falco's priorities in lower case, the most urgent first. */
export const priorities = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
] as const

export type Priority = (typeof priorities)[number]

/** A priority as Falco writes it, in any case; null if it is none. */
export function priorityOf(text: unknown): Priority | null {
  if (typeof text !== 'string') return null
  return priorities.find((priority) => priority === text.toLowerCase()) ?? null
}
