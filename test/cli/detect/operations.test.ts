import { expect, it } from 'vitest'
import { createOperations } from '../../../cli/detect/operations.ts'
import type { RawEvent } from '../../../schemas/types.ts'
import { aRawEvent } from '../../support/raw-event.ts'

const entry = (operation: object | null, changes: Partial<RawEvent> = {}): RawEvent => ({
  ...aRawEvent(),
  provider: 'gcp',
  payload: JSON.stringify({ insertId: 'i', operation }),
  ...changes,
})
const first = (id: string, changes = {}) => entry({ id, producer: 'p', first: true }, changes)
const last = (id: string, changes = {}) => entry({ id, producer: 'p', last: true }, changes)

function joined(...events: RawEvent[]): RawEvent[] {
  const operations = createOperations()
  for (const event of events) expect(operations.hold(event)).toBe(true)
  const released = operations.release()
  expect(operations.release()).toEqual([])
  return released
}

it('what is the whole of its call is not held', () => {
  const { hold, release } = createOperations()
  for (const operation of [
    null,
    { id: 'o', producer: 'p' },
    { id: 'o', producer: 'p', first: true, last: true },
    { producer: 'p', first: true },
  ]) {
    expect(hold(entry(operation))).toBe(false)
  }
  expect(hold({ ...first('o'), provider: 'aws' })).toBe(false)
  expect(hold(entry(null, { payload: '{}' }))).toBe(false)
  expect(release()).toEqual([])
})

it('a beginning fails if its end does, in whatever order they come', () => {
  for (const failed of [true, false]) {
    const beginning = first('o')
    const end = last('o', { failed })
    const expected = [{ ...beginning, failed }, end]
    expect(joined(beginning, end)).toEqual(expected)
    expect(joined(end, beginning)).toEqual(expected)
  }
})

it('a beginning that has failed itself stays so, and one without its end counts as done', () => {
  expect(joined(first('o', { failed: true }), last('o'))).toMatchObject([{ failed: true }, {}])
  expect(joined(first('o'))).toMatchObject([{ failed: false }])
})

it('operations of other ids, producers and projects are others', () => {
  const other = entry({ id: 'o', producer: 'q', last: true }, { failed: true })
  const events = [
    first('o'),
    last('x', { failed: true }),
    other,
    last('o', { failed: true, account: 'elsewhere' }),
  ]
  expect(joined(...events)[0]).toMatchObject({ failed: false })
})

it('an end without its beginning stands for the whole', () => {
  const [whole] = joined(last('o'))
  expect(JSON.parse(whole!.payload)).toEqual({ insertId: 'i' })
})
