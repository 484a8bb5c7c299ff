/**
 * A test for texts as IAM's wildcards have it: `*` is any characters, `?` is one. Linear in the length of both for any
 * pattern that people write: after a failure it goes back to the last `*` only.
 */
export function iamGlob(pattern: string): (text: string) => boolean {
  return (text) => {
    let [at, from, star, mark] = [0, 0, -1, 0]
    while (at < text.length) {
      if (pattern[from] === '*') {
        star = from++
        mark = at
      } else if (from < pattern.length && (pattern[from] === '?' || pattern[from] === text[at])) {
        from++
        at++
      } else if (star >= 0) {
        from = star + 1
        at = ++mark
      } else return false
    }
    while (pattern[from] === '*') from++
    return from === pattern.length
  }
}
