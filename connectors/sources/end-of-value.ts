const QUOTE = 0x22
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d

/**
 * Where the JSON value at `at` ends, found by counting brackets outside of strings instead of parsing; null if it
 * does not end before `limit`. A bare word ends where the next value does.
 */
export function endOfValue(text: string, at: number, limit: number): number | null {
  let depth = 0
  for (let i = at; i < limit; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      const end = endOfString(text, i)
      if (end === null || end >= limit) return null
      i = end
    } else if (code === OPENING_BRACE || code === OPENING_BRACKET) {
      depth++
      continue
    } else if (code === CLOSING_BRACE || code === CLOSING_BRACKET) depth--
    else continue
    if (depth <= 0) return i + 1
  }
  return null
}

/** The place of the quote that closes the string. */
function endOfString(text: string, quote: number): number | null {
  let end = quote
  for (;;) {
    end = text.indexOf('"', end + 1)
    if (end === -1) return null
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end
  }
}
