import { printable } from './printable.ts'
import { shorten } from './shorten.ts'

/** Of what stands in one field or line: two hundred are read, the rest is in the alert itself. */
const VALUE = 200

/** Text of Block Kit. */
export interface SlackText {
  type: 'plain_text' | 'mrkdwn'
  text: string
  /** mrkdwn: no links and mentions out of what only looks like one. */
  verbatim?: true
  emoji?: false
}

/** A backtick would end the code, and Slack has no way of writing one there. */
export function code(text: string, max = VALUE): string {
  return `\`${fitted(printable(text).replaceAll('`', 'ˋ'), max)}\``
}

export function plain(text: string, max: number): SlackText {
  return { type: 'plain_text', text: fitted(text, max), emoji: false }
}

export function mrkdwn(text: string): SlackText {
  return { type: 'mrkdwn', text, verbatim: true }
}

/** Escaped, and no longer than that when it is: a text cut after escaping could end within an escape. */
export function fitted(text: string, max: number): string {
  let length = max
  let result = escaped(shorten(text, length))
  while (result.length > max) {
    length -= Math.ceil((result.length - max) / 5)
    result = escaped(shorten(text, length))
  }
  return result
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
