import { numberOperator } from '../number-operator.ts'

export const lte = numberOperator('lte', (actual, value) => actual <= value, {
  doc: 'The attribute is a number of at most `value`.',
  examples: [
    { args: { value: 7 }, attribute: { value: 7 }, holds: true },
    { args: { value: 7 }, attribute: { value: '7' }, holds: true },
    { args: { value: 7 }, attribute: { value: 8 }, holds: false },
    { args: { value: 7 }, attribute: { value: null }, holds: false },
    { args: { value: 7 }, attribute: { value: 'seven' }, holds: false },
  ],
})
