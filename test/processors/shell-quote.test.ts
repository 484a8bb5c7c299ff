import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shellQuote } from '../../processors/shell-quote.ts'

it.each(['i-0abc', 't3.micro', 'arn:aws:iam::123456789012:role/a', 'a=b,c@d+e'])(
  '%s stays as it is',
  (text) => {
    expect(shellQuote(text)).toBe(text)
  },
)

it('a shell gives every text back as one word, whatever stands in it', () => {
  const hostile = fc.constantFrom(
    '$(touch /tmp/x)',
    '`id`',
    "'; id; '",
    '"',
    '\\',
    '\n',
    '*',
    '~',
    '!x',
    'a b',
    '',
    '-n',
    '#',
    "''",
    '$HOME',
    '&& id',
  )
  // A shell cannot be given a text with the character 0, nor half of a surrogate pair.
  const character = fc
    .integer({ min: 1, max: 0x10ffff })
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
  const other = fc.string({ unit: character, maxLength: 20 })
  fc.assert(
    fc.property(fc.array(fc.oneof(hostile, other), { minLength: 50, maxLength: 100 }), (texts) => {
      const words = texts.map(shellQuote).join(' ')
      const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' })
      expect(stdout.split('\0').slice(0, -1)).toEqual(texts)
    }),
    { numRuns: 3 },
  )
})
