import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Comparison } from '../../../processors/compare/compare.ts'
import type { Draft } from '../../../processors/detect/step.ts'
import { toFinding } from '../../../processors/detect/to-finding.ts'
import { call, row } from '../../support/detect.ts'

const held = row('test_db', { id: 'db-1' }, { serial: 7 })
const one = call('test', 'Modify', {})
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function comparison(more: Partial<Comparison>): Comparison {
  const attribute = more.attribute ?? 'size'
  return { attribute, slot: attribute, equal: false, law: '', sensitive: false, apiName: 'size', ...more }
}

function draft(comparisons: Comparison[], more: Partial<Draft> = {}): Draft {
  return {
    type: 'attribute_drift',
    resourceType: 'test_db',
    id: 'db-1',
    scope: { account: '123456789012', region: 'eu-west-1' },
    row: held,
    others: [],
    comparisons,
    compared: true,
    reason: null,
    ...more,
  }
}

const diffs = (...comparisons: Partial<Comparison>[]) =>
  toFinding(one, draft(comparisons.map(comparison))).diffs

describe('the ids of a finding', () => {
  const finding = toFinding(one, draft([comparison({ oldValue: 1, newValue: 2 })]))

  it('are made of the event and the resource key, as the contract says', () => {
    expect(finding.resourceKey).toBe('aws/123456789012/eu-west-1/test_db/db-1')
    expect(finding.id).toBe(sha256(`event-1|${finding.resourceKey}`))
    expect(finding.driftId).toBe(sha256(finding.resourceKey))
  })

  it('depend on nothing else: not on the values, the state, nor the address', () => {
    const other = toFinding(
      one,
      draft([comparison({ attribute: 'class' })], {
        row: { ...held, address: 'x.y', serial: 9 },
        type: 'resource_deleted',
      }),
    )
    expect([other.id, other.driftId]).toEqual([finding.id, finding.driftId])
  })

  it('of two events on one resource share the drift alone', () => {
    const other = toFinding({ ...one, eventId: 'event-2' }, draft([]))
    expect(other.driftId).toBe(finding.driftId)
    expect(other.id).not.toBe(finding.id)
  })
})

describe('the diffs of a finding', () => {
  it('are one for each attribute that differs, in the order of their names', () => {
    expect(
      diffs(
        { attribute: 'size', oldValue: 8, newValue: 16 },
        { attribute: 'class', oldValue: 'a', newValue: 'b' },
        { attribute: 'name', equal: true },
        { attribute: '' },
      ),
    ).toEqual([
      { attribute: 'class', oldValue: '"a"', newValue: '"b"', changeType: 'modified', sensitive: false },
      { attribute: 'size', oldValue: '8', newValue: '16', changeType: 'modified', sensitive: false },
    ])
  })

  it.each([
    [undefined, 1, 'added'],
    [null, 1, 'added'],
    [1, undefined, 'removed'],
    [1, null, 'removed'],
    [false, 0, 'modified'],
    ['', 'a', 'modified'],
  ] as const)('from %j to %j: %s', (oldValue, newValue, changeType) => {
    expect(diffs({ oldValue, newValue })).toMatchObject([{ changeType }])
  })

  it('put the elements of one set together, in one order', () => {
    const elements = [
      { slot: 'a', newValue: ['y'] },
      { slot: 'b', newValue: ['x'] },
      { slot: 'c', oldValue: ['z'] },
      { slot: 'd', equal: true },
    ]
    const expected = [
      {
        attribute: 'size',
        oldValue: '["z"]',
        newValue: '["x","y"]',
        changeType: 'modified',
        sensitive: false,
      },
    ]
    expect(diffs(...elements)).toEqual(expected)
    expect(diffs(...elements.reverse())).toEqual(expected)
  })

  it('never carry a value where one of the comparisons is sensitive', () => {
    const sensitive = fc.record({ sensitive: fc.boolean(), oldValue: fc.string(), newValue: fc.string() })
    fc.assert(
      fc.property(fc.array(sensitive, { minLength: 1, maxLength: 4 }), (list) => {
        const [diff] = diffs(...list.map((values, i) => ({ ...values, slot: String(i) })))
        const hidden = { oldValue: null, newValue: null, changeType: 'modified', sensitive: true }
        const anySensitive = list.some((values) => values.sensitive)
        expect(diff).toMatchObject(anySensitive ? hidden : { sensitive: false, newValue: expect.any(String) })
      }),
    )
  })
})

describe('the verdicts of a finding', () => {
  it('are one for each comparison, equal ones too', () => {
    const { verdicts } = toFinding(
      one,
      draft([comparison({}), comparison({ attribute: 'class', equal: true })]),
    )
    expect(verdicts).toEqual([
      { slot: 'size', time: '2026-03-01T00:00:00Z', eventId: 'event-1', differs: true },
      { slot: 'class', time: '2026-03-01T00:00:00Z', eventId: 'event-1', differs: false },
    ])
  })

  it('are one for each slot, which differs if any comparison of it does', () => {
    const twice = [comparison({ equal: false }), comparison({ equal: true })]
    for (const comparisons of [twice, [...twice].reverse()]) {
      expect(toFinding(one, draft(comparisons)).verdicts).toMatchObject([{ slot: 'size', differs: true }])
    }
  })
})

describe('the resource of a finding', () => {
  it('says where its state is, and which other states hold it', () => {
    const other = { ...held, source: 'b.tfstate', address: 'test_db.copy' }
    expect(toFinding(one, draft([], { others: [other] })).resource).toEqual({
      address: 'test_db.this',
      type: 'test_db',
      name: 'this',
      id: 'db-1',
      arn: null,
      provider: 'aws',
      account: '123456789012',
      region: 'eu-west-1',
      state: { source: 'terraform.tfstate', lineage: 'lineage', serial: 7 },
      alsoManagedBy: ['b.tfstate: test_db.copy'],
    })
  })

  it('has neither address nor state where none holds it', () => {
    expect(toFinding(one, draft([], { row: null })).resource).toMatchObject({
      address: null,
      name: null,
      state: null,
      id: 'db-1',
    })
  })
})

it("the API's names of an attribute are those of all comparisons, each once", () => {
  const { apiNames } = toFinding(
    one,
    draft([
      comparison({ apiName: 'a' }),
      comparison({ apiName: 'b' }),
      comparison({ apiName: 'a' }),
      comparison({ attribute: '', apiName: 'c' }),
      comparison({ attribute: 'none', apiName: '' }),
    ]),
  )
  expect(apiNames).toEqual({ size: ['a', 'b'] })
})
