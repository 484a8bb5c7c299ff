/** What a cloud writes instead of a value that it hides. It is no value: never hashed, compared or shown. */
export function isMask(value: unknown): boolean {
  return typeof value === 'string' && (words.has(value) || /^\*{3,}$/.test(value))
}

const words = new Set(['HIDDEN_DUE_TO_SECURITY_REASONS', '<sensitiveDataRemoved>'])
