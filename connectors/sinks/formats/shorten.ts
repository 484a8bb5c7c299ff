/** Cuts the middle out of text longer than `max` characters: names and ARNs differ at both ends. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text
  const tail = Math.floor((max - 1) / 3)
  const head = text.slice(0, max - 1 - tail).replace(/[\ud800-\udbff]$/, '')
  return `${head}…${text.slice(text.length - tail).replace(/^[\udc00-\udfff]/, '')}`
}
