import { createHash } from 'node:crypto'
import type { AlertGroup } from '../../sink.ts'
import { type GroupRoom, groupParts } from './group-parts.ts'
import { escaped, type Mail } from './mail.ts'

const room: GroupRoom = { pages: 1, characters: 500_000, lines: 1_000, show: (text) => text }

/** How many of a group's alerts one mail holds. */
export function groupMailSize(group: AlertGroup): number {
  return groupParts(group, room).count
}

/** A group as one mail, a line for each alert. `domain`: that of its id, which every attempt has. */
export function groupMail(group: AlertGroup, domain: string): Mail {
  const { title, about, pages, worst } = groupParts(group, room)
  const lines = pages.flat()
  const marks = group.alerts.map(({ id, status }) => `${id}:${status}`)
  const id = createHash('sha256').update(marks.join('\n')).digest('hex')
  const list = lines.map((line) => `<li>${escaped(line)}</li>`).join('\n')
  return {
    subject: title,
    text: `${[title, about, lines.join('\n'), marks.join('\n')].join('\n\n')}\n`,
    html: `<!doctype html><html><body style="font-family:sans-serif"><h3>${escaped(title)}</h3><p>${escaped(about)}</p><ul>${list}</ul></body></html>`,
    messageId: `<${id}.${group.kind}@${domain}>`,
    thread: `<${id}@${domain}>`,
    urgency: worst === 'critical' || worst === 'high' ? 'high' : 'normal',
  }
}
