import { describe, expect, it } from 'vitest'
import { quantityForm } from '../../../processors/compare/quantity.ts'

describe('quantityForm', () => {
  it.each([
    ['1', '1000m'],
    ['0.5', '500m'],
    ['1Gi', '1024Mi'],
    ['2k', '2000'],
  ])('has one text for %s and %s', (one, other) => {
    expect(quantityForm(one)).toBe(quantityForm(other))
  })

  it('tells gibibytes from gigabytes', () => {
    expect(quantityForm('1Gi')).not.toBe(quantityForm('1G'))
  })

  it('leaves alone what is no quantity', () => {
    expect(quantityForm('a lot')).toBe('a lot')
  })
})
