import { describe, expect, it } from 'vitest'
import { inUnit } from '../../../processors/detect/units.ts'

describe('inUnit', () => {
  it.each([
    ['540s', 'seconds', 540],
    ['1.5s', 'milliseconds', 1500],
    ['2026-12-24T00:00:00Z', 'epoch-milliseconds', 1798070400000],
    ['34359738368', 'gigabytes', 32],
    [34359738368, 'gigabytes', 32],
  ] as const)('has %s, in %s, as %s', (value, unit, expected) => {
    expect(inUnit(value, unit)).toBe(expected)
  })

  it('makes words of a text', () => {
    expect(inUnit('Logging, Metrics', 'words')).toEqual(['Logging', 'Metrics'])
  })

  it.each(['seconds', 'milliseconds', 'epoch-milliseconds', 'gigabytes'] as const)(
    'leaves alone what is no value in %s',
    (unit) => {
      expect(inUnit('soon', unit)).toBe('soon')
    },
  )
})
