import { expect, test } from 'vitest'
import { formatTable } from '../../bench/table.ts'

test('the table shows every round, the median, and the spread as a part of the median', () => {
  const rows = [
    { name: 'events/s', values: [4000, 5000, 4500] },
    { name: 'cores', values: [1.25, 1.5, 1], digits: 2 },
  ]
  expect(formatTable(rows).split('\n')).toEqual([
    '          round 1  round 2  round 3  median  spread',
    'events/s    4,000    5,000    4,500   4,500    22 %',
    'cores        1.25     1.50     1.00    1.25    40 %',
    '',
  ])
})

test('of an even number of rounds the median is the mean of the middle two, and of one there is no spread', () => {
  expect(formatTable([{ name: 'a', values: [4, 1, 3, 2], digits: 1 }])).toMatch(/2\.5 +120 %\n/)
  expect(formatTable([{ name: 'a', values: [4] }])).toMatch(/a +4 +4 +-\n/)
})

test('a figure that could not be had is left out', () => {
  expect(formatTable([{ name: 'a', values: [null, 2] }])).toMatch(/a +- +2 +2 +-\n/)
})
