import { expect, test } from 'vitest'
import { compileRouting } from '../../../processors/dispatch/route.ts'
import { anAlert } from '../../connectors/an-alert.ts'

const sinks = ['chat', 'mail', 'pager']

test('the sinks of an alert are those that it names, with the default ones if it names those, and else the default ones', () => {
  const sinksOf = compileRouting({ default: ['chat', 'mail'], rules: [] }, sinks)
  const of = (...channels: string[]) => [...sinksOf(anAlert({ channels }))]
  expect(of()).toEqual(['chat', 'mail'])
  expect(of('pager')).toEqual(['pager'])
  expect(of('mail', 'routing.default')).toEqual(['mail', 'chat'])
  expect(of('gone')).toEqual(['chat', 'mail'])
  expect(of('constructor', 'gone', 'pager')).toEqual(['pager'])
})

test('a route stands for the default where its match holds, and the next ones while they say continue', () => {
  const rules = [
    { match: { severity: ['critical'] }, sinks: ['pager'], continue: true },
    { match: { tag: { Environment: ['prod*'] } }, sinks: ['mail'], continue: false },
    { match: {}, sinks: ['chat'], continue: false },
  ]
  const sinksOf = compileRouting({ default: ['chat'], rules }, sinks)
  expect([...sinksOf(anAlert())]).toEqual(['pager', 'mail'])
  expect([...sinksOf(anAlert({ severity: 'medium', resourceTags: {} }))]).toEqual(['chat'])
  expect([...sinksOf(anAlert({ channels: ['chat', 'routing.default'] }))]).toEqual(['chat', 'pager', 'mail'])
})
