import { expect, it } from 'vitest'
import { oncePerResource } from '../../../processors/detect/once-per-resource.ts'
import { type Draft, wholeResource } from '../../../processors/detect/step.ts'
import { call } from '../../support/detect.ts'

const one = call('test', 'SetPolicy', {})
const element = (text: string, equal = false) => ({
  ...wholeResource(!equal),
  attribute: 'members',
  slot: `members#${text}`,
  ...(!equal && { newValue: [text] }),
})
const draft = (changes: Partial<Draft> = {}): Draft => ({
  type: 'attribute_drift',
  resourceType: 'test_binding',
  id: 'b',
  scope: { account: '1', region: 'global' },
  row: null,
  others: [],
  comparisons: [element('x')],
  compared: true,
  reason: null,
  ...changes,
})
const slots = (drafts: Draft[]) => drafts.map(({ comparisons }) => comparisons.map(({ slot }) => slot))

it('what a call does twice to a resource is one verdict, with the comparisons of both', () => {
  const merged = oncePerResource(one, [draft(), draft({ comparisons: [element('y')] })])
  expect(slots(merged)).toEqual([['members#x', 'members#y']])
})

it('of one slot, what differs decides, in either order', () => {
  const drafts = [draft(), draft({ comparisons: [element('x', true)], reason: 'as-declared' })]
  for (const list of [drafts, [...drafts].reverse()]) {
    expect(oncePerResource(one, list)).toMatchObject([{ reason: null, comparisons: [{ equal: false }] }])
  }
})

it('what is not compared stays so only where nothing is', () => {
  const unseen = draft({ compared: false, comparisons: [{ ...wholeResource(true), slot: 'call' }] })
  expect(oncePerResource(one, [unseen, unseen])).toMatchObject([{ compared: false }])
  expect(oncePerResource(one, [unseen, draft()])).toMatchObject([{ compared: true }])
})

it('resources of another type, id or account stay apart', () => {
  const others = [
    draft(),
    draft({ resourceType: 'test_other' }),
    draft({ id: 'c' }),
    draft({ scope: { account: '2', region: 'global' } }),
  ]
  expect(oncePerResource(one, others)).toEqual(others)
})

it('of two kinds of verdict on one resource the alert counts, with what is of its kind', () => {
  const gone = draft({ type: 'resource_deleted', comparisons: [wholeResource(true)] })
  const kept = draft({ comparisons: [element('x', true)], reason: 'as-declared' })
  for (const list of [
    [gone, kept],
    [kept, gone],
  ]) {
    expect(oncePerResource(one, list)).toMatchObject([{ type: 'resource_deleted', reason: null }])
    expect(slots(oncePerResource(one, list))).toEqual([['resource']])
  }
})
