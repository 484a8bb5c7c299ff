import { cidrsOf, covers } from '../cidr.ts'
import { text } from '../operator.ts'
import { textsOf } from '../text-of.ts'
import { valueOperator } from '../value-operator.ts'

const cidr = text.refine(
  (value) => cidrsOf(value).length > 0,
  'write an address or a range, such as 10.0.0.0/8',
)

export const cidrContains = valueOperator({
  name: 'cidr_contains',
  args: { value: cidr },
  holds({ value }) {
    const wanted = cidrsOf(value)
    return (actual) =>
      textsOf(actual).some((one) =>
        cidrsOf(one).some((range) => wanted.some((inner) => covers(range, inner))),
      )
  },
  doc: 'A range of addresses, or one of a list of them, contains the whole address or range `value`.',
  examples: [
    { args: { value: '10.1.2.3' }, attribute: { value: '10.0.0.0/8' }, holds: true },
    { args: { value: '0.0.0.0/0' }, attribute: { value: ['10.0.0.0/8', '0.0.0.0/0'] }, holds: true },
    { args: { value: '0.0.0.0/0' }, attribute: { value: ['0.0.0.0/1'] }, holds: false },
    { args: { value: '10.0.0.0/8' }, attribute: { value: '10.1.0.0/16' }, holds: false },
    { args: { value: '2001:db8::1' }, attribute: { value: ['2001:db8::/32'] }, holds: true },
    { args: { value: '::/0' }, attribute: { value: '0.0.0.0/0' }, holds: false },
    { args: { value: '0.0.0.0/0' }, attribute: { value: 'Internet' }, holds: true },
    { args: { value: '0.0.0.0/0' }, attribute: { value: ['sg-0abc', '300.1.1.1/8'] }, holds: false },
  ],
})
