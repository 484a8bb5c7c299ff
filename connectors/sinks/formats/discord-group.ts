import type { AlertGroup } from '../../sink.ts'
import { code, colours, type DiscordMessage, escaped } from './discord-message.ts'
import { type GroupRoom, groupParts } from './group-parts.ts'

/** All embeds of a message have 6,000 characters together, and a description 4,096. */
const room: GroupRoom = { pages: 2, characters: 2_500, lines: 1_000, show: (text) => code(text, 300) }
const TITLE = 256

/** How many of a group's alerts one message holds. */
export function discordGroupSize(group: AlertGroup): number {
  return groupParts(group, room).count
}

/** A group as one message, a line for each alert. */
export function discordGroup(group: AlertGroup): DiscordMessage {
  const { title, about, pages, worst } = groupParts(group, room)
  const timestamp = new Date(group.since).toISOString()
  return {
    embeds: pages.map((lines, index) => ({
      title: index === 0 ? escaped(title, TITLE) : '…',
      description: [...(index === 0 ? [code(about, 300)] : []), ...lines].join('\n'),
      color: colours[worst],
      timestamp,
      fields: [],
      footer: { text: `${group.alerts.length} alerts` },
    })),
    allowed_mentions: { parse: [] },
  }
}
