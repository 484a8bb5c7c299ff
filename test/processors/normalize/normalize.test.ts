import { describe, expect, it } from 'vitest'
import { admitEnvelope, normalize } from '../../../processors/normalize/normalize.ts'
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

it('the events of a provider that nothing here understands yet are unmapped', () => {
  expect(normalize({ ...raw, provider: 'falco' })).toBe('unmapped')
})

it('a payload that is no JSON, or no object, throws', () => {
  expect(() => normalize({ ...raw, payload: '{"a":' })).toThrow(SyntaxError)
  expect(() => normalize({ ...raw, payload: '[]' })).toThrow(TypeError)
  expect(() => normalize({ ...raw, payload: 'null' })).toThrow(TypeError)
})

it('an AWS event is a call', () => {
  expect(normalize(raw)).toMatchObject({ eventId: 'e-1', name: 'ModifyInstanceAttribute', request: {} })
})

it('of a long operation of Google the end is none, and whatever else its entry holds breaks nothing', () => {
  const entry = (record: object) => ({ ...raw, provider: 'gcp' as const, payload: JSON.stringify(record) })
  const operation = { id: 'o', producer: 'p' }
  expect(normalize(entry({ operation: { ...operation, last: true } }))).toBe('operation-end')
  for (const strange of [null, 7, 'x', [], [null], {}, { policyDelta: { bindingDeltas: [null, {}] } }]) {
    const protoPayload = {
      authenticationInfo: strange,
      requestMetadata: strange,
      serviceData: strange,
      resourceName: strange,
      request: strange,
      response: strange,
    }
    expect(normalize(entry({ operation: strange, protoPayload }))).toMatchObject({ provider: 'gcp' })
    expect(normalize(entry({ protoPayload: strange }))).toMatchObject({ actor: { name: 'unknown' } })
  }
})
