import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RuleChange, type RuleRehearsal, rehearseRules } from '../../../cli/operations/rehearse-rules.ts'
import type { RehearsalRange } from '../../../cli/operations/retell.ts'
import { rehearsalReport, rehearsalText } from '../../../cli/rules/rehearsal-report.ts'
import { aRawEvent } from '../../support/raw-event.ts'
import { aLog } from './a-log.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-rehearsal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const rule = (id: string, severity: string, lines = 'events: [StopLogging]') => `  - id: ${id}
    name: Name of ${id}
    resource_types: [aws_cloudtrail]
    severity: ${severity}
    ${lines}
`

const events = [8, 9].map((hour) => aRawEvent({ eventId: `e-${hour}`, time: Date.UTC(2026, 2, 1, hour) }))

/** What these rules would change, where those are configured. */
async function rehearsed(
  configured: string[],
  rules: string[],
  { alerts = {}, range = {} }: { alerts?: object; range?: RehearsalRange } = {},
) {
  writeFileSync(path.join(folder, 'own.yaml'), `rules:\n${configured.join('') || '  []\n'}`)
  const log = await aLog({ settings: { rules: [folder], alerts } })
  const attributes = JSON.stringify({ id: 'main', name: 'main', enable_logging: true })
  const more = { id: 'main', arn: null, region: 'eu-west-1', attributes }
  await log.publishState('l|t', { address: 'aws_cloudtrail.main', type: 'aws_cloudtrail', ...more })
  await log.publishEvents(...events)
  const files = [{ path: 'mine.yaml', text: `rules:\n${rules.join('') || '  []\n'}` }]
  const results = await log.ask(rehearseRules, { rules: files, ...range })
  const changes = results.slice(0, -1) as RuleChange[]
  const summary = results.at(-1) as RuleRehearsal
  return { changes, summary, report: rehearsalReport(changes, summary) }
}

describe('a rehearsal of rules', () => {
  it('finds the same rules to change nothing', async () => {
    const { changes, summary } = await rehearsed([rule('a', 'high')], [rule('a', 'high')])
    expect(changes).toEqual([])
    expect(summary).toEqual({
      before: 2,
      alerts: 2,
      rules: [{ id: 'a', name: 'Name of a', matches: 2, errors: 0 }],
    })
  })

  it('names the alerts that would be new, by rule', async () => {
    const { changes, summary } = await rehearsed([], [rule('a', 'high'), rule('b', 'low', 'events: [Other]')])
    expect(changes).toMatchObject([
      {
        change: 'new',
        severity: 'high',
        was: null,
        resource: 'aws_cloudtrail.main',
        event: 'e-8',
        time: '2026-03-01T08:00:00Z',
        rules: ['a'],
      },
      { change: 'new', event: 'e-9', rules: ['a'] },
    ])
    expect(summary).toMatchObject({ before: 0, alerts: 2, rules: [{ matches: 2 }, { id: 'b', matches: 0 }] })
  })

  it('names those that would be gone, by the rule that says them now', async () => {
    const { changes, summary } = await rehearsed([rule('a', 'high')], [])
    expect(changes).toMatchObject([
      { change: 'gone', severity: null, was: 'high', rules: ['a'] },
      { change: 'gone' },
    ])
    expect(summary).toEqual({ before: 2, alerts: 0, rules: [] })
  })

  it('names those of another severity, and those that other rules match', async () => {
    const { changes } = await rehearsed([rule('a', 'high')], [rule('a', 'low')])
    expect(changes).toMatchObject([
      { change: 'changed', severity: 'low', was: 'high', rules: ['a'] },
      { change: 'changed' },
    ])
    const other = await rehearsed([rule('a', 'high')], [rule('a', 'high'), rule('b', 'low')])
    expect(other.changes[0]).toMatchObject({ change: 'changed', severity: 'high', was: 'high', rules: ['b'] })
  })

  it('looks at alerts of the severity info only where they are said', async () => {
    const [quiet, loud] = [{}, { info: true }]
    const info = [rule('a', 'info')]
    expect((await rehearsed([], info, { alerts: quiet })).changes).toEqual([])
    expect((await rehearsed([], info, { alerts: loud })).changes).toMatchObject([
      { change: 'changed', severity: 'info', was: 'info', rules: ['a'] },
      { change: 'changed' },
    ])
  })

  it('looks only at events in its range', async () => {
    const { changes } = await rehearsed([], [rule('a', 'high')], { range: { from: events[1]!.time } })
    expect(changes).toMatchObject([{ event: 'e-9' }])
  })

  it('counts expressions that cannot be evaluated', async () => {
    const { summary } = await rehearsed([], [rule('a', 'high', 'expression: attributes.nothing == 1')])
    expect(summary.rules).toMatchObject([{ id: 'a', matches: 0, errors: 2 }])
  })

  it('refuses rules with faults, and names the place', async () => {
    await expect(rehearsed([], [rule('a', 'hihg')])).rejects.toThrow(
      'mine.yaml:5:15 rules[0].severity: "hihg" is not known here; did you mean "high"?',
    )
  })
})

describe('its report', () => {
  it('tells by rule what would be new, gone and changed', async () => {
    const { report } = await rehearsed(
      [rule('a', 'high'), rule('b', 'low')],
      [rule('b', 'critical'), rule('c', 'low', 'events: [Other]')],
    )
    expect(report.totals).toEqual({ before: 2, alerts: 2, new: 0, gone: 0, changed: 2 })
    expect(report.rules).toMatchObject([
      { id: 'b', name: 'Name of b', matches: 2, new: [], gone: [], changed: [{ event: 'e-8' }, {}] },
      { id: 'c', matches: 0, changed: [] },
      { id: 'a', name: null, matches: 0, changed: [{ was: 'high', severity: 'critical' }, {}] },
    ])
  })

  it('reads as text', async () => {
    const { changes, report } = await rehearsed(
      [rule('a', 'high')],
      [rule('b', 'critical'), rule('c', 'low', 'expression: attributes.nothing == 1')],
    )
    const line = (change: RuleChange) =>
      `  changed  high → critical  ${change.time}  aws_cloudtrail.main  ${change.id}  ${change.message}`
    expect(rehearsalText(report).split('\n')).toEqual([
      'b Name of b: matches 2',
      ...changes.map(line),
      '',
      'a is not among these rules',
      ...changes.map(line),
      '',
      '2 alerts by these rules, 2 by the configured ones: 0 new, 0 gone, 2 changed.',
      'Match nothing: c.',
      'c: its expression cannot be evaluated 2 times.',
      '',
    ])
  })
})
