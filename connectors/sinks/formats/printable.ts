/**
 * Makes text harmless where people read it: control and format characters (terminal escape sequences, line breaks
 * that forge lines, marks that reverse the direction of writing) become visible \u{...} escapes. Whoever names a
 * resource chooses this text.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  )
}
