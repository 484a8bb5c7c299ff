/** One row: a figure of every round; null where there is none. */
export interface Row {
  name: string
  values: (number | null)[]
  digits?: number
}

/** Rounds side by side, then the median and the spread: from least to most, as a part of the median. */
export function formatTable(rows: readonly Row[]): string {
  const rounds = rows[0]!.values.map((_, n) => `round ${n + 1}`)
  const lines = rows.map(({ name, values, digits = 0 }) => {
    const known = values.filter((value) => value !== null).sort((a, b) => a - b)
    const middle = medianOf(known)
    const spread = ((known.at(-1)! - known[0]!) / middle) * 100
    const shown = [...values, middle].map((value) => format(value, digits))
    return [name, ...shown, known.length > 1 ? `${format(spread, 0)} %` : '-']
  })
  const cells = [['', ...rounds, 'median', 'spread'], ...lines]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  const pad = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!)
  return cells.map((line) => `${line.map(pad).join('  ')}\n`).join('')
}

/** Of numbers in ascending order; NaN of none. */
export function medianOf(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

function format(value: number | null, digits: number): string {
  if (value === null || Number.isNaN(value)) return '-'
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
