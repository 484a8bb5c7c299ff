import { wentBy } from '../came-and-went.ts'
import { anyValue, operator } from '../operator.ts'
import { sameValue } from '../same-value.ts'

export const removed = operator({
  name: 'removed',
  args: { value: anyValue.optional() },
  needsChange: true,
  test({ value }) {
    return ({ changes }) =>
      changes.some((change) =>
        value === undefined
          ? change.changeType === 'removed' || wentBy(change).length > 0
          : wentBy(change).some((one) => sameValue(one, value)),
      )
  },
  doc: 'The event unset what was set, or took elements from a list; with `value`, just this one.',
  examples: [
    { args: {}, attribute: { changes: [{ before: 'a', after: null }] }, holds: true },
    { args: {}, attribute: { changes: [{ before: 'a', after: 'b' }] }, holds: false },
    { args: {}, attribute: { changes: [{ before: ['a', 'b'], after: ['b'] }] }, holds: true },
    { args: {}, attribute: { changes: [{ changeType: 'removed' }] }, holds: true },
    { args: { value: 'audit' }, attribute: { changes: [{ before: ['audit'], after: null }] }, holds: true },
    { args: { value: 'audit' }, attribute: { changes: [{ before: ['error'], after: null }] }, holds: false },
  ],
})
