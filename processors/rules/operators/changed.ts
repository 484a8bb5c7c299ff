import { anyValue, operator } from '../operator.ts'
import { sameValue } from '../same-value.ts'

export const changed = operator({
  name: 'changed',
  args: { from: anyValue.optional(), to: anyValue.optional() },
  needsChange: true,
  test({ from, to }) {
    return ({ changes }) =>
      changes.some(
        (change) =>
          (from === undefined || sameValue(change.before, from)) &&
          (to === undefined || sameValue(change.after, to)),
      )
  },
  doc: 'The event changed the attribute or a part of it; `from` and `to` (both optional) are its old and new value.',
  examples: [
    { args: {}, attribute: { changes: [{ before: 'a', after: 'b' }] }, holds: true },
    { args: {}, attribute: { changes: [], value: 'b' }, holds: false },
    { args: {}, attribute: { changes: [{ before: undefined, after: undefined }] }, holds: true },
    {
      args: { from: true, to: false },
      attribute: { changes: [{ before: 'true', after: 'false' }] },
      holds: true,
    },
    {
      args: { from: true, to: false },
      attribute: { changes: [{ before: false, after: true }] },
      holds: false,
    },
    { args: { from: false }, attribute: { changes: [{ before: null, after: true }] }, holds: true },
    { args: { to: null }, attribute: { changes: [{ before: 'a', after: null }] }, holds: true },
    { args: { to: 512 }, attribute: { changes: [{ before: null, after: '512' }] }, holds: true },
    { args: { to: 'b' }, attribute: { changes: [{ before: undefined, after: undefined }] }, holds: false },
  ],
})
