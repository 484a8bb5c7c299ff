import { expect, test } from 'vitest'
import { ownerOf } from '../../processors/owner.ts'

test('the owner is what the first of the usual tags says, in whatever case and with whatever between its words', () => {
  expect(ownerOf({ team: 'payments', owner: ' ines@example.com ' })).toBe('ines@example.com')
  expect(ownerOf({ TEAM: 'payments', Squad: 'blue' })).toBe('payments')
  expect(ownerOf({ 'contact-email': 'a@example.com' })).toBe('a@example.com')
})

test('an empty tag names nobody, and neither do other tags', () => {
  expect(ownerOf({ Owner: ' ', Environment: 'production' })).toBeNull()
  expect(ownerOf({})).toBeNull()
})

test('the tags can be chosen, in their order', () => {
  const tags = { Owner: 'ines', 'cost-centre': '42' }
  expect(ownerOf(tags, ['CostCentre', 'Owner'])).toBe('42')
  expect(ownerOf(tags, [])).toBeNull()
})
