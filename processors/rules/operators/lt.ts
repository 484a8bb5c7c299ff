import { numberOperator } from '../number-operator.ts'

export const lt = numberOperator('lt', (actual, value) => actual < value, {
  doc: 'The attribute is a number less than `value`.',
  examples: [
    { args: { value: 7 }, attribute: { value: 6 }, holds: true },
    { args: { value: 7 }, attribute: { value: '6' }, holds: true },
    { args: { value: 7 }, attribute: { value: 7 }, holds: false },
    { args: { value: 7 }, attribute: { value: null }, holds: false },
    { args: { value: 7 }, attribute: { value: 'seven' }, holds: false },
  ],
})
