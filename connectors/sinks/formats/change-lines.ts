import { type AlertChange, changeText } from './change-text.ts'

/** A diff as lines of plain text: old → new in one, or one for each element that went or came. */
export function changeLines(diff: AlertChange, show: (text: string) => string): string[] {
  const name = show(diff.attribute)
  const { hidden, elementwise, removed, added } = changeText(diff)
  if (hidden) return [`${name} changed; the value is sensitive and not shown`]
  if (!elementwise && removed.length <= 1 && added.length <= 1) {
    return [`${name}: ${removed[0] ? show(removed[0]) : 'absent'} → ${added[0] ? show(added[0]) : 'absent'}`]
  }
  return [
    ...removed.map((text) => `${name} − ${show(text)}`),
    ...added.map((text) => `${name} + ${show(text)}`),
  ]
}
