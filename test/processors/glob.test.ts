import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { glob } from '../../processors/glob.ts'

describe('glob', () => {
  it.each([
    ['aws_instance', 'aws_instance', true],
    ['aws_instance', 'aws_instances', false],
    ['aws_iam_*', 'aws_iam_role', true],
    ['aws_iam_*', 'aws_s3_bucket', false],
    ['*', '', true],
    ['AIDAI***TERRAFORM', 'AIDAIABCTERRAFORM', true],
    ['AIDAI***TERRAFORM', 'AIDAIABCTERRAFORM2', false],
    ['*@*-terraform.iam.gserviceaccount.com', 'ci@prod-terraform.iam.gserviceaccount.com', true],
    [
      '*@*-terraform.iam.gserviceaccount.com',
      'ci@prod-terraform.iam.gserviceaccount.com.evil.example',
      false,
    ],
    ['arn:*:role/*', 'arn:aws:iam::1:role/a/b', true],
    ['a*a', 'a', false],
    ['ab*bc', 'abc', false],
    ['a*b*c', 'axcxb', false],
    ['a.c', 'abc', false],
  ])('%s against "%s": %s', (pattern, text, expected) => {
    expect(glob(pattern)(text)).toBe(expected)
  })

  it('agrees with the regular expression that it replaces', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
    fc.assert(
      fc.property(word, text, (pattern, subject) => {
        const expected = new RegExp(`^${pattern.replaceAll(/\*+/g, '.*')}$`).test(subject)
        expect(glob(pattern)(subject)).toBe(expected)
      }),
      { numRuns: 1000 },
    )
  })
})
