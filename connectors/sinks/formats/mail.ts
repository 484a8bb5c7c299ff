import type { AlertJson } from '../../alert-json.ts'
import { type AlertParts, alertParts } from './alert-parts.ts'

export interface Mail {
  subject: string
  text: string
  html: string
  /** In angle brackets. Of ALERT_ID:STATUS: every attempt has the same. */
  messageId: string
  /** The drift's, in angle brackets: what refers to it stands in one thread. */
  thread: string
  urgency: 'high' | 'normal' | 'low'
}

const LIMITS = { title: 200, text: 3_000, value: 500, lines: 200, revert: 20_000 }

/** An alert as text and as HTML, which loads nothing. `domain`: that of its ids. */
export function alertMail(alert: AlertJson, domain: string): Mail {
  const parts = alertParts(alert, LIMITS)
  return {
    subject: parts.title,
    text: text(parts),
    html: html(parts),
    messageId: `<${alert.id}.${alert.status}@${domain}>`,
    thread: `<drift-${alert.driftId}@${domain}>`,
    urgency: urgency(alert),
  }
}

function urgency({ severity, status }: AlertJson): Mail['urgency'] {
  const isNews = status === 'open' || status === 'changed'
  if (severity === 'critical' || severity === 'high') return isNews ? 'high' : 'normal'
  return severity === 'medium' ? 'normal' : 'low'
}

function text({ title, message, changes, facts, revert, advice, links, mark }: AlertParts): string {
  const width = Math.max(...facts.map(([label]) => label.length)) + 2
  const columns = facts.flatMap(([label, texts]) =>
    texts.map((fact, index) => (index === 0 ? label : '').padEnd(width) + fact),
  )
  const sections = [
    [title],
    [message],
    changes,
    columns,
    revert === null ? advice : ['Revert:', revert],
    links.map(([label, url]) => `${label}: ${url}`),
    [mark],
  ]
  return `${sections.flatMap((lines) => (lines.length > 0 ? [lines.join('\n')] : [])).join('\n\n')}\n`
}

function html({ title, message, changes, facts, revert, advice, links, mark }: AlertParts): string {
  const rows = facts.map(
    ([label, texts]) =>
      `<tr><th style="text-align:left;vertical-align:top;padding-right:1em">${escaped(label)}</th><td>${texts.map(escaped).join('<br>')}</td></tr>`,
  )
  const blocks = [
    `<h3>${escaped(title)}</h3>`,
    `<p>${escaped(message)}</p>`,
    changes.length > 0 &&
      `<ul>${changes.map((line) => `<li><code>${escaped(line)}</code></li>`).join('')}</ul>`,
    `<table>${rows.join('')}</table>`,
    revert === null
      ? advice.map((line) => `<p>${escaped(line)}</p>`).join('')
      : `<p>Revert:</p><pre>${escaped(revert)}</pre>`,
    links.map(([label, url]) => `<p><a href="${escaped(url)}">${escaped(label)}</a></p>`).join(''),
    `<p style="color:#666"><small>${escaped(mark)}</small></p>`,
  ]
  return `<!doctype html><html><body style="font-family:sans-serif">${blocks.filter(Boolean).join('\n')}</body></html>`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escaped(plain: string): string {
  return plain.replace(/[&<>"']/g, (sign) => entities[sign]!)
}
