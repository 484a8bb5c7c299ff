import { describe, expect, it } from 'vitest'
import { destinationsOf, unconfiguredIn } from '../../processors/channels.ts'
import { aRule } from './a-finding.ts'

const sinks = [
  { name: 'chat', kind: 'slack' },
  { name: 'chat-2', kind: 'slack' },
  { name: 'pager', kind: 'pagerduty' },
  { name: 'tickets', kind: 'jira' },
  { name: 'audit', kind: 'audit-log' },
  { name: 'email', kind: 'webhook' },
  { name: 'mail', kind: 'email' },
]

const goesTo = (...actions: string[]) =>
  destinationsOf(
    actions.map((one, at) => aRule(`actions: [${one}]`, `r${at}`)),
    sinks,
  )
const alert = (channels: string) => `{ type: alert, channels: [${channels}] }`

describe('the actions of a rule', () => {
  it.each([
    ['a sink by its name', alert('pager'), ['pager'], []],
    ['all sinks of a kind, where none has the name', alert('slack'), ['chat', 'chat-2'], []],
    ['the sink of this name, before those of the kind', alert('email'), ['email'], []],
    ['what is configured; the rest is pending', alert('pager, teams'), ['pager'], ['teams']],
    ['the default routing, where nothing is configured', alert('teams'), [], ['teams']],
    ['the default routing, without channels', '{ type: alert }', [], []],
    ['a ticket system by its kind', '{ type: create_ticket, system: jira }', ['tickets'], []],
    ['a ticket system by its name', '{ type: create_ticket, system: tickets }', ['tickets'], []],
    ['the audit log alone, if the rule says so', '{ type: audit_log }', ['audit'], []],
    [
      'the default routing beside the ticket, where the alert names no channel',
      '{ type: alert }, { type: create_ticket, system: jira }',
      ['tickets', 'routing.default'],
      [],
    ],
    [
      'the default routing beside the audit log, where the channels are not configured',
      `${alert('teams')}, { type: audit_log }`,
      ['audit', 'routing.default'],
      ['teams'],
    ],
    [
      'the channels alone, where only the ticket system is not configured',
      `${alert('pager')}, { type: create_ticket, system: servicenow }`,
      ['pager'],
      ['servicenow'],
    ],
    [
      'nobody but the default routing, where the ticket system is not configured',
      '{ type: create_ticket, system: snow }',
      [],
      ['snow'],
    ],
    ['the default routing, without actions', '', [], []],
  ])('lead to %s', (_, actions, channels, pendingChannels) => {
    expect(goesTo(actions)).toEqual({ channels, pendingChannels })
  })

  it('of several rules lead to all that they name, each once', () => {
    expect(goesTo(alert('pager, slack'), alert('chat, teams'), alert('teams, pager'))).toEqual({
      channels: ['pager', 'chat', 'chat-2'],
      pendingChannels: ['teams'],
    })
  })

  it('lead to the default routing too, where one of the rules leads to nothing else', () => {
    expect(goesTo(alert('pager'), '')).toEqual({
      channels: ['pager', 'routing.default'],
      pendingChannels: [],
    })
    expect(goesTo('', alert('teams'))).toEqual({ channels: [], pendingChannels: ['teams'] })
  })

  it('lead nowhere else where no rule matched, or nothing is configured', () => {
    expect(destinationsOf([], sinks)).toEqual({ channels: [], pendingChannels: [] })
    expect(destinationsOf([aRule('actions: [{ type: audit_log }]')], [])).toEqual({
      channels: [],
      pendingChannels: ['audit_log'],
    })
  })

  it('say what is not configured, and where', () => {
    const rule = aRule(
      `actions: [${alert('slack, teams')}, { type: create_ticket, system: snow }, { type: audit_log }]`,
    )
    expect(unconfiguredIn(rule, sinks)).toEqual([
      { path: ['actions', 0, 'channels', 1], name: 'teams' },
      { path: ['actions', 1, 'system'], name: 'snow' },
    ])
    expect(unconfiguredIn(rule, []).map(({ path }) => path.join('.'))).toEqual([
      'actions.0.channels.0',
      'actions.0.channels.1',
      'actions.1.system',
      'actions.2.type',
    ])
  })
})
