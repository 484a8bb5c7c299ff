import { isObject } from '../../paths.ts'
import { anyValue } from '../operator.ts'
import { sameValue } from '../same-value.ts'
import { valueOperator } from '../value-operator.ts'

export const contains = valueOperator({
  name: 'contains',
  args: { value: anyValue },
  holds({ value }) {
    return (actual) => {
      if (Array.isArray(actual)) return actual.some((one) => sameValue(one, value))
      if (typeof value !== 'string') return false
      return isObject(actual)
        ? Object.hasOwn(actual, value)
        : typeof actual === 'string' && actual.includes(value)
    }
  },
  doc: 'A list has the element `value`, a text has it in it, or a map has this key.',
  examples: [
    { args: { value: 'b' }, attribute: { value: ['a', 'b'] }, holds: true },
    { args: { value: 443 }, attribute: { value: ['22', '443'] }, holds: true },
    { args: { value: 'ab' }, attribute: { value: ['abc'] }, holds: false },
    { args: { value: 'bc' }, attribute: { value: 'abcd' }, holds: true },
    { args: { value: 'Env' }, attribute: { value: { Env: 'a' } }, holds: true },
    { args: { value: 'a' }, attribute: { value: null }, holds: false },
    { args: { value: 'audit', of: 'old' }, attribute: { old: ['audit'], value: null }, holds: true },
  ],
})
