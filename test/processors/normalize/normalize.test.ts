import { describe, expect, it } from 'vitest'
import { admitEnvelope, normalize } from '../../../processors/normalize/normalize.ts'
import type { Provider } from '../../../schemas/types.ts'
import { full } from '../../schemas/samples.ts'

const raw = { ...full['raw-event'], failed: false }

describe('the envelope alone', () => {
  it.each([
    [{ failed: true, readOnly: false }, 'failed'],
    [{ failed: true, readOnly: true }, 'failed'],
    [{ failed: false, readOnly: true }, 'read-only'],
    [{ failed: false, readOnly: false }, null],
    [{ failed: false, readOnly: null }, null],
  ] as const)('%j: %s', (envelope, expected) => {
    expect(admitEnvelope(envelope)).toBe(expected)
  })

  it('decides before the payload is read', () => {
    expect(normalize({ ...raw, failed: true, payload: 'no JSON' })).toBe('failed')
    expect(normalize({ ...raw, readOnly: true, payload: 'no JSON' })).toBe('read-only')
  })
})

it.each(['gcp', 'falco'] as Provider[])(
  'the events of %s, which are no calls yet, are unmapped',
  (provider) => {
    expect(normalize({ ...raw, provider })).toBe('unmapped')
  },
)

it('a payload that is no JSON, or no object, throws', () => {
  expect(() => normalize({ ...raw, payload: '{"a":' })).toThrow(SyntaxError)
  expect(() => normalize({ ...raw, payload: '[]' })).toThrow(TypeError)
  expect(() => normalize({ ...raw, payload: 'null' })).toThrow(TypeError)
})

it('an AWS event is a call', () => {
  expect(normalize(raw)).toMatchObject({ eventId: 'e-1', name: 'ModifyInstanceAttribute', request: {} })
})
