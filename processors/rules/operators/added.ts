import { cameBy } from '../came-and-went.ts'
import { anyValue, operator } from '../operator.ts'
import { sameValue } from '../same-value.ts'

export const added = operator({
  name: 'added',
  args: { value: anyValue.optional() },
  needsChange: true,
  test({ value }) {
    return ({ changes }) =>
      changes.some((change) =>
        value === undefined
          ? change.changeType === 'added' || cameBy(change).length > 0
          : cameBy(change).some((one) => sameValue(one, value)),
      )
  },
  doc: 'The event set what was not set, or added elements to a list; with `value`, just this one.',
  examples: [
    { args: {}, attribute: { changes: [{ before: null, after: 'a' }] }, holds: true },
    { args: {}, attribute: { changes: [{ before: 'a', after: 'b' }] }, holds: false },
    { args: {}, attribute: { changes: [{ before: [], after: ['a'] }] }, holds: true },
    { args: {}, attribute: { changes: [{ before: ['a', 'b'], after: ['b'] }] }, holds: false },
    { args: {}, attribute: { changes: [{ changeType: 'added' }] }, holds: true },
    { args: {}, attribute: { changes: [{}] }, holds: false },
    {
      args: { value: 'allUsers' },
      attribute: { changes: [{ before: null, after: ['allUsers'] }] },
      holds: true,
    },
    { args: { value: 'allUsers' }, attribute: { changes: [{ before: null, after: ['a'] }] }, holds: false },
    { args: { value: 'a' }, attribute: { changes: [], value: 'a' }, holds: false },
  ],
})
