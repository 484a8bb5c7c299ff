import { negationOf } from '../value-operator.ts'
import { contains } from './contains.ts'

export const notContains = negationOf(contains, {
  name: 'not_contains',
  doc: 'The attribute is known and does not contain `value`.',
  examples: [
    { args: { value: 'c' }, attribute: { value: ['a', 'b'] }, holds: true },
    { args: { value: 'a' }, attribute: { value: null }, holds: true },
    { args: { value: 'b' }, attribute: { value: 'abc' }, holds: false },
    { args: { value: 'b' }, attribute: {}, holds: false },
  ],
})
