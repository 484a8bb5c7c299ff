import { expect, test } from 'vitest'
import { didYouMean } from '../../processors/did-you-mean.ts'

const keys = ['brokers', 'registry', 'clientId', 'ssl', 'sasl']

test.each([
  ['broker', 'brokers'],
  ['borkers', 'brokers'],
  ['brokerss', 'brokers'],
  ['clientid', 'clientId'],
  ['registri', 'registry'],
  ['sssl', 'ssl'],
])('%s is taken for %s', (word, meant) => {
  expect(didYouMean(word, keys)).toBe(meant)
})

test.each(['port', '', 'ca', 'sinks'])('nothing is suggested for %j, which is far from all', (word) => {
  expect(didYouMean(word, keys)).toBeNull()
})

test('of two near ones the nearer is suggested', () => {
  expect(didYouMean('sasl_', ['ssl', 'sasl'])).toBe('sasl')
})
