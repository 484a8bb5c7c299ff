/**
 * The offset in a YAML text of a character of a scalar: quotes, the head of a block and indentation are passed over.
 * `start` is where the scalar begins; `offset` counts in its value, without the white space around it.
 */
export function locateWithin(text: string, start: number, value: string, offset: number): number {
  const [head] = /^(?:['"]|[|>][^\n]*\n)?\s*/.exec(text.slice(start))!
  let at = start + head.length
  for (const char of value.trim().slice(0, offset)) {
    // A line's end may be a space of the value, and more space may stand around it.
    if (/\s/.test(char)) continue
    const found = text.indexOf(char, at)
    if (found < 0) return start
    at = found + 1
  }
  return at + /^\s*/.exec(text.slice(at))![0].length
}
