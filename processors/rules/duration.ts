const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const DURATION = /^([1-9]\d*)(s|m|h|d)$/

/** Milliseconds in 30s, 10m, 2h or 7d; null if the text is no such duration. */
export function readDuration(text: string): number | null {
  const match = DURATION.exec(text)
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : null
}

/** The shortest way to write it. */
export function durationText(ms: number): string {
  const units = Object.entries(UNITS).reverse()
  const [unit, length] = units.find(([, length]) => ms % length === 0) ?? ['ms', 1]
  return `${ms / length}${unit}`
}
