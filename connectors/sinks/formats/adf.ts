import type { AlertJson } from '../../alert-json.ts'
import { type AlertParts, alertParts, type PartLimits } from './alert-parts.ts'

/** A node of the Atlassian Document Format. */
export interface AdfNode {
  type: string
  text?: string
  attrs?: Record<string, unknown>
  marks?: { type: string; attrs?: Record<string, unknown> }[]
  content?: AdfNode[]
}

export interface AdfDocument extends AdfNode {
  type: 'doc'
  version: 1
  content: AdfNode[]
}

/** Jira's own bound of a text field; the whole document as JSON stays below it. */
const MOST = 32_767
/** From ample to what fits in any case: where all texts are long, less of each is shown. */
const LIMITS: PartLimits[] = [
  { title: 255, text: 3_000, value: 500, lines: 60, revert: 8_000 },
  { title: 255, text: 1_500, value: 120, lines: 25, revert: 2_000 },
  { title: 255, text: 500, value: 40, lines: 10, revert: 500 },
]

/** An alert as a document: texts are nodes, and no markup in them is read. Its last words are ALERT_ID:STATUS. */
export function adf(alert: AlertJson): AdfDocument {
  const documents = LIMITS.map((limits) => document(alertParts(alert, limits)))
  return documents.find((one) => JSON.stringify(one).length <= MOST) ?? documents.at(-1)!
}

/** `critical: attribute drift: ADDRESS`, within what Jira takes. */
export function issueSummary(alert: AlertJson): string {
  return alertParts(alert, LIMITS[0]!).title
}

function document({ title, message, changes, facts, revert, advice, links, mark }: AlertParts): AdfDocument {
  return {
    type: 'doc',
    version: 1,
    content: [
      paragraph(strong(title)),
      paragraph(plain(message)),
      ...list(changes.map((line) => [code(line)])),
      ...list(facts.map(([label, texts]) => [strong(`${label}: `), plain(texts.join(', '))])),
      ...(revert === null ? advice.map((line) => paragraph(plain(line))) : [codeBlock(revert)]),
      ...links.map(([label, url]) => paragraph(link(label, url))),
      paragraph(code(mark)),
    ],
  }
}

function paragraph(...content: AdfNode[]): AdfNode {
  return { type: 'paragraph', content }
}

function list(items: AdfNode[][]): AdfNode[] {
  if (items.length === 0) return []
  const content = items.map((item) => ({ type: 'listItem', content: [paragraph(...item)] }))
  return [{ type: 'bulletList', content }]
}

function codeBlock(text: string): AdfNode {
  return { type: 'codeBlock', attrs: { language: 'shell' }, content: [plain(text)] }
}

/** A text node may not be empty. */
function plain(text: string): AdfNode {
  return { type: 'text', text: text || ' ' }
}

function strong(text: string): AdfNode {
  return { ...plain(text), marks: [{ type: 'strong' }] }
}

function code(text: string): AdfNode {
  return { ...plain(text), marks: [{ type: 'code' }] }
}

function link(label: string, href: string): AdfNode {
  return { ...plain(label), marks: [{ type: 'link', attrs: { href } }] }
}
