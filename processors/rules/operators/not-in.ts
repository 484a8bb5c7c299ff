import { negationOf } from '../value-operator.ts'
import { isIn } from './in.ts'

export const notIn = negationOf(isIn, {
  name: 'not_in',
  doc: 'The attribute is known and equals none of the list `value`.',
  examples: [
    { args: { value: ['a', 'b'] }, attribute: { value: 'c' }, holds: true },
    { args: { value: ['a', 'b'] }, attribute: { value: 'a' }, holds: false },
    { args: { value: ['a'] }, attribute: {}, holds: false },
  ],
})
