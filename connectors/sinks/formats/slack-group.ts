import type { AlertGroup } from '../../sink.ts'
import { type GroupRoom, groupParts } from './group-parts.ts'
import type { SlackMessage } from './slack-message.ts'
import { code, escaped, mrkdwn, plain } from './slack-text.ts'

const HEADER = 150
const show = (text: string) => code(text, 300)
/** Blocks hold 3,000 characters each, and some 12,000 together before Slack finds them too long. */
const inBlocks: GroupRoom = { pages: 4, characters: 2_700, lines: 1_000, show }
/** A text without blocks is cut after 40,000. */
const asText: GroupRoom = { pages: 1, characters: 35_000, lines: 1_000, show }

/** How many of a group's alerts one message holds. */
export function slackGroupSize(group: AlertGroup): number {
  const { count } = groupParts(group, inBlocks)
  return count === group.alerts.length ? count : groupParts(group, asText).count
}

/** A group as one message, a line for each alert: in blocks, or as plain text where these cannot hold it. */
export function slackGroup(group: AlertGroup): SlackMessage | Pick<SlackMessage, 'text'> {
  const { title, about, pages, count } = groupParts(group, inBlocks)
  if (count < group.alerts.length) return { text: wholeText(group) }
  return {
    text: escaped(title),
    blocks: [
      { type: 'header', text: plain(title, HEADER) },
      { type: 'context', elements: [mrkdwn(code(about, 1_000))] },
      ...pages.map((lines) => ({ type: 'section', text: mrkdwn(lines.join('\n')) })),
    ],
  }
}

function wholeText(group: AlertGroup): string {
  const { title, about, pages } = groupParts(group, asText)
  return [code(title, HEADER), code(about, 1_000), ...pages.flat()].join('\n')
}
