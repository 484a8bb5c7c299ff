import { negationOf } from '../value-operator.ts'
import { equals } from './equals.ts'

export const notEquals = negationOf(equals, {
  name: 'not_equals',
  doc: 'The attribute is known and has another value than `value`.',
  examples: [
    { args: { value: 'production' }, attribute: { value: 'test' }, holds: true },
    { args: { value: 'production' }, attribute: { value: null }, holds: true },
    { args: { value: true }, attribute: { value: 'true' }, holds: false },
    { args: { value: 'production' }, attribute: {}, holds: false },
  ],
})
