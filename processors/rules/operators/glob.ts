import { glob as compileGlob } from '../../glob.ts'
import { listOf, oneOrMore } from '../operator.ts'
import { textsOf } from '../text-of.ts'
import { valueOperator } from '../value-operator.ts'

export const glob = valueOperator({
  name: 'glob',
  args: { value: oneOrMore },
  holds({ value }) {
    const tests = listOf(value).map(compileGlob)
    return (actual) => textsOf(actual).some((one) => tests.some((test) => test(one)))
  },
  doc: 'A text, or one of a list of texts, is like `value` (or one of the list `value`), in which `*` stands for any characters.',
  examples: [
    { args: { value: 'prod-*' }, attribute: { value: 'prod-db' }, holds: true },
    { args: { value: 'prod-*' }, attribute: { value: 'my-prod-db' }, holds: false },
    { args: { value: ['test', '*@example.com'] }, attribute: { value: ['user:a@example.com'] }, holds: true },
    { args: { value: '*' }, attribute: { value: null }, holds: false },
  ],
})
