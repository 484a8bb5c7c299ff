import { numberOperator } from '../number-operator.ts'

export const gte = numberOperator('gte', (actual, value) => actual >= value, {
  doc: 'The attribute is a number of at least `value`.',
  examples: [
    { args: { value: 7 }, attribute: { value: 7 }, holds: true },
    { args: { value: 7 }, attribute: { value: '7' }, holds: true },
    { args: { value: 7 }, attribute: { value: 6 }, holds: false },
    { args: { value: 7 }, attribute: { value: null }, holds: false },
    { args: { value: 7 }, attribute: { value: 'seven' }, holds: false },
  ],
})
