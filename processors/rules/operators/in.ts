import { z } from 'zod'
import { anyValue } from '../operator.ts'
import { sameValue } from '../same-value.ts'
import { valueOperator } from '../value-operator.ts'

export const isIn = valueOperator({
  name: 'in',
  args: { value: z.array(anyValue).min(1, 'list at least one value') },
  holds({ value }) {
    return (actual) => value.some((one) => sameValue(actual, one))
  },
  doc: 'The attribute equals one of the list `value`.',
  examples: [
    { args: { value: ['a', 'b'] }, attribute: { value: 'b' }, holds: true },
    { args: { value: ['a', 'b'] }, attribute: { value: 'c' }, holds: false },
    { args: { value: [1, 2] }, attribute: { value: '2' }, holds: true },
    { args: { value: ['a'] }, attribute: {}, holds: false },
  ],
})
