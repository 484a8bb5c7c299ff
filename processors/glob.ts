/**
 * A test for texts in which `*` (or a run of them) stands for any characters, separators included.
 * No regular expression: patterns come from users, and a match must take linear time.
 */
export function glob(pattern: string): (text: string) => boolean {
  const parts = pattern.split(/\*+/)
  if (parts.length === 1) return (text) => text === pattern
  const first = parts[0]!
  const last = parts.at(-1)!
  const middle = parts.slice(1, -1)
  return function matchesGlob(text) {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
      return false
    const end = text.length - last.length
    let at = first.length
    for (const part of middle) {
      const found = text.indexOf(part, at)
      if (found < 0 || found + part.length > end) return false
      at = found + part.length
    }
    return true
  }
}

export function isGlob(pattern: string): boolean {
  return pattern.includes('*')
}
