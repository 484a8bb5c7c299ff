import { anyValue } from '../operator.ts'
import { sameValue } from '../same-value.ts'
import { valueOperator } from '../value-operator.ts'

export const equals = valueOperator({
  name: 'equals',
  args: { value: anyValue },
  holds({ value }) {
    return (actual) => sameValue(actual, value)
  },
  doc: 'The attribute has the `value`: as the event set it, else as the state says.',
  examples: [
    { args: { value: 'production' }, attribute: { value: 'production' }, holds: true },
    { args: { value: 'production' }, attribute: { value: 'Production' }, holds: false },
    { args: { value: true }, attribute: { value: 'true' }, holds: true },
    { args: { value: ['a', 1] }, attribute: { value: ['a', '1'] }, holds: true },
    { args: { value: null }, attribute: { value: null }, holds: true },
    { args: { value: false }, attribute: { value: null }, holds: true },
    { args: { value: null }, attribute: {}, holds: false },
    { args: { value: 'production' }, attribute: {}, holds: false },
    { args: { value: 'a', of: 'old' }, attribute: { old: 'a', value: 'b' }, holds: true },
  ],
})
