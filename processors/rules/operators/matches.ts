import { RE2JS } from 're2js'
import { text } from '../operator.ts'
import { textsOf } from '../text-of.ts'
import { valueOperator } from '../value-operator.ts'

const expression = text.refine(
  compiles,
  'write a regular expression of RE2: no look-around, no back-references',
)

export const matches = valueOperator({
  name: 'matches',
  args: { value: expression },
  holds({ value }) {
    // Of linear time whatever the rule says: an event must not hold up those behind it.
    const pattern = RE2JS.compile(value)
    return (actual) => textsOf(actual).some((one) => pattern.matcher(one).find())
  },
  doc: 'A text, or one of a list of texts, has a match of the regular expression `value` (RE2) in it.',
  examples: [
    { args: { value: '^sg-[0-9a-f]+$' }, attribute: { value: 'sg-0abc' }, holds: true },
    { args: { value: '^sg-[0-9a-f]+$' }, attribute: { value: 'vpc-0abc' }, holds: false },
    { args: { value: 'prod' }, attribute: { value: ['test', 'my-prod-1'] }, holds: true },
    { args: { value: '(?i)PROD' }, attribute: { value: 'prod' }, holds: true },
    { args: { value: '^4' }, attribute: { value: 443 }, holds: true },
    { args: { value: '^(a+)+$' }, attribute: { value: `${'a'.repeat(5000)}!` }, holds: false },
    { args: { value: '.*' }, attribute: { value: null }, holds: false },
    { args: { value: '.*' }, attribute: {}, holds: false },
  ],
})

function compiles(value: string): boolean {
  try {
    RE2JS.compile(value)
    return true
  } catch {
    return false
  }
}
