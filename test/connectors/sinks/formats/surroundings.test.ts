import { describe, expect, test } from 'vitest'
import { formatAlert } from '../../../../connectors/sinks/console-format.ts'
import { alertParts } from '../../../../connectors/sinks/formats/alert-parts.ts'
import { ocsf } from '../../../../connectors/sinks/formats/ocsf.ts'
import { slackMessage } from '../../../../connectors/sinks/formats/slack-message.ts'
import { anAlertJson } from '../../an-alert.ts'

const past = (day: number, attributes: string[]) => ({
  time: `2026-02-${day}T10:00:00Z`,
  actor: 'bob',
  event: 'ModifyInstanceAttribute',
  attributes,
})
const surrounded = anAlertJson({
  owner: 'payments@example.com',
  changeHistory: [28, 27, 26, 25, 24, 23].map((day) => past(day, ['instance_type', 'tags.Team'])),
  blastRadius: {
    directDependents: 3,
    totalDependents: 11,
    addresses: ['aws_eip.a', 'aws_eip.b', 'aws_eip.c', 'aws_lb.d', 'aws_lb.e', 'aws_lb.f'],
  },
})
const limits = { title: 200, text: 500, value: 200, lines: 10, revert: 1000 }

describe('owner, dependents and earlier changes', () => {
  test('are a line each on the console', () => {
    expect(formatAlert(surrounded, { colour: false }).split('\n').slice(5, 8)).toEqual([
      '          owner    payments@example.com',
      '          impact   dependents: 11, 3 of them direct: aws_eip.a, aws_eip.b, aws_eip.c, …',
      '          before   2026-02-28T10:00:00Z bob ModifyInstanceAttribute: instance_type, tags.Team  … 5 more',
    ])
  })

  test('are fields in Slack, of which a section takes ten', () => {
    const section = slackMessage(surrounded).blocks.find(({ fields }) => fields)!
    const texts = section.fields!.map(({ text }) => text)
    expect(texts).toHaveLength(10)
    expect(texts).toContain('*Owner*\n`payments@example.com`')
    expect(texts).toContain('*Dependents*\n`11, 3 of them direct`\n`aws_eip.a`\n`aws_eip.b`\n`aws_eip.c`')
    expect(texts.find((text) => text.startsWith('*Changed before*'))!.split('\n')).toHaveLength(5)
  })

  test('are facts of every other format for people', () => {
    const facts = new Map(alertParts(surrounded, limits).facts)
    expect(facts.get('Owner')).toEqual(['payments@example.com'])
    expect(facts.get('Dependents')).toEqual([
      '11, 3 of them direct',
      'aws_eip.a',
      'aws_eip.b',
      'aws_eip.c',
      'aws_lb.d',
      'aws_lb.e',
    ])
    expect(facts.get('Changed before')!.at(-1)).toBe('… 1 more')
  })

  test('of which OCSF has a place for the owner, and the alert itself the rest', () => {
    const finding = JSON.parse(ocsf([surrounded]))
    expect(finding.resources[0].owner).toEqual({ name: 'payments@example.com' })
    expect(finding.unmapped.tfdrift.blastRadius.totalDependents).toBe(11)
  })

  test('are left out where there are none', () => {
    const alone = anAlertJson({
      blastRadius: { directDependents: 0, totalDependents: 0, addresses: [] },
    })
    expect(formatAlert(alone, { colour: false })).not.toMatch(/owner|impact|before/)
    expect(alertParts(alone, limits).facts.map(([label]) => label)).not.toContain('Dependents')
    expect(slackMessage(alone).blocks.find(({ fields }) => fields)!.fields).toHaveLength(7)
  })
})
