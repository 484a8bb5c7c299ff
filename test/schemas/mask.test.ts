import { expect, test } from 'vitest'
import { isMask } from '../../schemas/mask.ts'

test.each(['****', '******', 'HIDDEN_DUE_TO_SECURITY_REASONS', '<sensitiveDataRemoved>'])(
  '%s stands for a hidden value',
  (text) => {
    expect(isMask(text)).toBe(true)
  },
)

test.each(['', '*', 'arn:aws:s3:::*', 'hidden', null, 4, ['****']])('%j is a value', (value) => {
  expect(isMask(value)).toBe(false)
})
