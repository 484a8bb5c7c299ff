import { z } from 'zod'
import { canonical } from '../../compare/canonical.ts'
import { operator } from '../operator.ts'

export const exists = operator({
  name: 'exists',
  args: { value: z.boolean().optional(), of: z.enum(['old', 'new']).optional() },
  test({ value = true, of = 'new' }) {
    return (attribute) => {
      const { values, complete } = attribute[of]
      const found = values.some((one) => canonical(one) !== null)
      return value ? found : complete && !found
    }
  },
  doc: 'The attribute is set; with `value: false`, it is known not to be. Empty texts, lists and maps are not set.',
  examples: [
    { args: {}, attribute: { value: 'a' }, holds: true },
    { args: {}, attribute: { value: false }, holds: true },
    { args: {}, attribute: { value: [] }, holds: false },
    { args: {}, attribute: {}, holds: false },
    { args: { value: false }, attribute: { value: null }, holds: true },
    { args: { value: false }, attribute: { value: '' }, holds: true },
    { args: { value: false }, attribute: { value: 0 }, holds: false },
    { args: { value: false }, attribute: {}, holds: false },
    { args: { of: 'old' }, attribute: { old: 'a', value: null }, holds: true },
  ],
})
