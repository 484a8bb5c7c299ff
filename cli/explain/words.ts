import { valueText } from '../../connectors/sinks/formats/change-text.ts'
import { printable } from '../../connectors/sinks/formats/printable.ts'
import { shorten } from '../../connectors/sinks/formats/shorten.ts'
import { masked } from '../operations/masked.ts'

const LONGEST = 200

/** A value as a reader may see it: JSON's spelling, in one line, without secrets, control characters and length. */
export function quoted(value: unknown): string {
  return value === undefined ? 'absent' : shorten(printable(valueText(masked(value))), LONGEST)
}

/** a, b and c */
export function listed(words: readonly string[], joint = 'and'): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
