/** Rows as lines of aligned columns: `left` many to the left, the others, which are numbers, to the right. */
export function textTable(rows: readonly (readonly string[])[], { left }: { left: number }): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) =>
    row.map((cell, i) => (i < left ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  )
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}
