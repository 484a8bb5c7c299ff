/** One argument of a POSIX shell command. Names and values come from whoever made the resource: never trust them. */
export function shellQuote(text: string): string {
  return /^[\w./:@=+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
