import type { AlertJson } from '../../alert-json.ts'
import { printable } from './printable.ts'

export type AlertChange = AlertJson['diffs'][number]

export interface ChangeText {
  /** The value is a secret: nothing of it is given. */
  hidden: boolean
  /** The sides are the elements of a list, set or policy that went and came, not the whole value. */
  elementwise: boolean
  removed: string[]
  added: string[]
}

/** What a diff took away and what it put there, as compact text safe to print. */
export function changeText({ sensitive, oldValue, newValue }: AlertChange): ChangeText {
  if (sensitive) return { hidden: true, elementwise: false, removed: [], added: [] }
  const elementwise = Array.isArray(oldValue) || Array.isArray(newValue)
  return { hidden: false, elementwise, removed: sideText(oldValue), added: sideText(newValue) }
}

function sideText(value: unknown): string[] {
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]).map((element) => printable(valueText(element)))
}

/** Compact, and not yet safe to print. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  // Elements of a state carry every argument of their block: the empty ones only hide the others.
  const members = Object.entries(value).filter(([, member]) => !isEmpty(member))
  return `{${members.map(([key, member]) => `${key}: ${valueText(member)}`).join(', ')}}`
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
