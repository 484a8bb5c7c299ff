import { printable } from '../../connectors/sinks/formats/printable.ts'
import type { RuleChange, RuleRehearsal } from '../operations/rehearse-rules.ts'

/** What rules would change, by rule: what `replay --dry-run --rules --format json` prints, and the text is made of. */
export interface RehearsalReport {
  totals: { before: number; alerts: number; new: number; gone: number; changed: number }
  /** Those of the given folders, then configured ones of which alerts would be gone or changed. */
  rules: RehearsedRule[]
}

export interface RehearsedRule {
  id: string
  /** null: a configured rule that is not among these. */
  name: string | null
  /** Alerts and quiet findings that it matches. */
  matches: number
  /** Findings of which its expression could say nothing. */
  errors: number
  new: AlertOfRule[]
  gone: AlertOfRule[]
  changed: AlertOfRule[]
}

type AlertOfRule = Omit<RuleChange, 'change' | 'rules'>

const kinds = ['new', 'gone', 'changed'] as const

/** An alert that several rules change stands under each of them, and counts once. */
export function rehearsalReport(
  changes: readonly RuleChange[],
  { before, alerts, rules }: RuleRehearsal,
): RehearsalReport {
  const known = new Set(rules.map(({ id }) => id))
  const others = [...new Set(changes.flatMap((one) => one.rules))].filter((id) => !known.has(id))
  const all = [...rules, ...others.map((id) => ({ id, name: null, matches: 0, errors: 0 }))]
  const count = (kind: RuleChange['change']) => changes.filter(({ change }) => change === kind).length
  const of = (id: string, kind: RuleChange['change']) =>
    changes
      .filter((one) => one.change === kind && one.rules.includes(id))
      .map(({ change: _, rules: __, ...alert }) => alert)
  return {
    totals: { before, alerts, new: count('new'), gone: count('gone'), changed: count('changed') },
    rules: all.map((rule) => ({
      ...rule,
      new: of(rule.id, 'new'),
      gone: of(rule.id, 'gone'),
      changed: of(rule.id, 'changed'),
    })),
  }
}

export function rehearsalText({ totals, rules }: RehearsalReport): string {
  const changed = rules.filter((rule) => kinds.some((kind) => rule[kind].length > 0))
  const idle = rules.filter(({ name, matches }) => name !== null && matches === 0)
  const failing = rules.filter(({ errors }) => errors > 0)
  const lines = [
    ...changed.flatMap((rule) => [...ruleLines(rule), '']),
    `${totals.alerts} alerts by these rules, ${totals.before} by the configured ones: ${totals.new} new, ${totals.gone} gone, ${totals.changed} changed.`,
    ...(idle.length > 0 ? [`Match nothing: ${idle.map(({ id }) => id).join(', ')}.`] : []),
    ...failing.map(({ id, errors }) => `${id}: its expression cannot be evaluated ${errors} times.`),
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}

function ruleLines(rule: RehearsedRule): string[] {
  const { id, name, matches } = rule
  const head = name === null ? `${id} is not among these rules` : `${id} ${name}: matches ${matches}`
  return [head, ...kinds.flatMap((kind) => rule[kind].map((alert) => alertLine(kind, alert)))]
}

function alertLine(
  kind: RuleChange['change'],
  { severity, was, time, resource, id, message }: AlertOfRule,
): string {
  const now = severity ?? 'not said'
  const severities = kind !== 'changed' ? (severity ?? was!) : was === now ? now : `${was} → ${now}`
  return `  ${kind.padEnd(7)}  ${severities}  ${time}  ${resource}  ${id}  ${message}`
}
