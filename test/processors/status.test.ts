import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ResourceFinding } from '../../processors/finding.ts'
import { foldStatus } from '../../processors/status.ts'
import type { AlertStatus, Verdict } from '../../schemas/types.ts'
import { aDiff, aFinding } from './a-finding.ts'

function at(second: number): string {
  return new Date(Date.UTC(2026, 2, 1, 10, 0, second)).toISOString()
}

/** A finding of one event, with a verdict on each slot. */
function finding(
  second: number,
  slots: Record<string, boolean>,
  overrides: Partial<ResourceFinding> = {},
): ResourceFinding {
  const verdicts = Object.entries(slots).map(
    ([slot, differs]): Verdict => ({ slot, time: at(second), eventId: `e${second}`, differs }),
  )
  const diffs = verdicts.filter(({ differs }) => differs).map(({ slot }) => aDiff(slot, 1, 2))
  return aFinding({ id: `alert-${second}`, verdicts, diffs, ...overrides })
}

function fold(...findings: ResourceFinding[]) {
  let row: AlertStatus | null = null
  const announced: [string, string | null][] = []
  for (const one of findings) {
    const folded = foldStatus(row, one)
    row = folded.row
    announced.push([one.id, folded.own?.status ?? null])
  }
  return { row: row!, announced }
}

describe('foldStatus', () => {
  it('opens a drift', () => {
    expect(foldStatus(null, finding(1, { a: true }))).toEqual({
      row: {
        driftId: 'drift-1',
        resourceKey: 'aws/123456789012/eu-west-1/aws_instance/i-0abc',
        address: 'aws_instance.web',
        status: 'open',
        since: at(1),
        verdicts: [{ slot: 'a', time: at(1), eventId: 'e1', differs: true }],
        history: [
          {
            eventId: 'event-1',
            time: Date.parse('2026-03-01T10:00:01Z'),
            actor: 'alice',
            event: 'ModifyInstanceAttribute',
            attributes: ['a'],
          },
        ],
        alerts: [{ id: 'alert-1', status: 'open', first: null, change: null, alert: null }],
        change: null,
        toldAt: null,
        eventKey: null,
        causes: [],
        commands: [],
      },
      repeats: [],
      own: { status: 'open', change: null, later: null },
    })
  })

  it('announces what comes to an open drift as changed', () => {
    const { row, announced } = fold(finding(1, { a: true }), finding(2, { b: true }))
    expect(announced).toEqual([
      ['alert-1', 'open'],
      ['alert-2', 'changed'],
    ])
    expect(row).toMatchObject({ status: 'open', since: at(2) })
  })

  it('resolves the drift when the last thing that differed is set back, and announces nothing', () => {
    const { row, announced } = fold(
      finding(1, { a: true, b: true }),
      finding(2, { a: false }),
      finding(3, { b: false }),
    )
    expect(announced.slice(1)).toEqual([
      ['alert-2', null],
      ['alert-3', null],
    ])
    expect(row).toMatchObject({ status: 'resolved', since: at(3), alerts: [{ id: 'alert-1' }] })
    expect(fold(finding(1, { a: true, b: true }), finding(2, { a: false })).row).toMatchObject({
      status: 'open',
      since: at(1),
    })
  })

  it('opens again after that', () => {
    const { row, announced } = fold(
      finding(1, { a: true }),
      finding(2, { a: false }),
      finding(3, { a: true }),
    )
    expect(announced.at(-1)).toEqual(['alert-3', 'open'])
    expect(row.status).toBe('open')
  })

  it('R10 a late event gives its alert, but the newest keeps the last word', () => {
    const { row, announced } = fold(finding(2, { a: false }), finding(1, { a: true }))
    expect(announced.at(-1)).toEqual(['alert-1', 'open'])
    expect(row).toMatchObject({
      status: 'resolved',
      since: at(2),
      alerts: [{ id: 'alert-1', status: 'resolved', first: 'open' }],
    })
  })

  it('a replay repeats the status that each alert was announced with', () => {
    const events = [finding(1, { a: true }), finding(2, { b: true })]
    const { row, announced } = fold(...events, ...events)
    expect(announced.slice(2)).toEqual(announced.slice(0, 2))
    expect(row.alerts).toHaveLength(2)
  })

  it('the same event, judged again by a newer state, replaces its verdict', () => {
    const { row } = fold(finding(1, { a: true }), finding(1, { a: false }))
    expect(row.status).toBe('resolved')
  })

  it('R9 of two events at one instant the greater id has the last word, and instants are compared, not texts', () => {
    const verdict = (time: string, eventId: string, differs: boolean) =>
      aFinding({ diffs: [], verdicts: [{ slot: 'a', time, eventId, differs }] })
    const tie = [verdict('2026-03-01T10:00:01Z', 'x', true), verdict('2026-03-01T10:00:01.000Z', 'y', false)]
    expect(fold(...tie).row.status).toBe('resolved')
    expect(fold(...tie.reverse()).row.status).toBe('resolved')
    const later = [
      verdict('2026-03-01T10:00:01.500Z', 'a', false),
      verdict('2026-03-01T10:00:01Z', 'b', true),
    ]
    expect(fold(...later).row.status).toBe('resolved')
  })

  it.each([
    ['a creation and then a deletion of what no state holds are over', null],
    ['a deletion and then a creation of what a state holds are over', 'aws_instance.web'],
  ])('R9 at one instant the cause comes first, whatever the ids: %s', (_, address) => {
    const resource = { ...aFinding().resource!, address }
    const [one, other] = ['e1', 'e2'].map((eventId) => {
      return (differs: boolean) =>
        aFinding({
          id: `alert-${eventId}`,
          resource,
          type: address === null || !differs ? 'unmanaged_resource' : 'resource_deleted',
          verdicts: [{ slot: 'resource', time: at(1), eventId, differs }],
        })
    }) as [(differs: boolean) => ResourceFinding, (differs: boolean) => ResourceFinding]
    for (const findings of [
      [one(true), other(false)],
      [other(false), one(true)],
      [one(false), other(true)],
      [other(true), one(false)],
    ])
      expect(fold(...findings).row.status).toBe('resolved')
    expect(fold(one(true), other(true), one(true)).row.status).toBe('open')
  })

  it('R9 a change at the instant of a deletion leaves the resource deleted, whatever the ids', () => {
    const deletion = (eventId: string) =>
      aFinding({
        id: 'deletion',
        type: 'resource_deleted',
        verdicts: [{ slot: 'resource', time: at(1), eventId, differs: true }],
      })
    for (const id of ['e0', 'e2']) {
      expect(fold(deletion(id), finding(1, { a: false })).row.status).toBe('open')
      expect(fold(finding(1, { a: false }), deletion(id)).row.status).toBe('open')
    }
  })

  it('a creation, a deletion and a change that is not compared are alerts without diffs', () => {
    for (const overrides of [
      { type: 'unmanaged_resource' as const },
      { type: 'resource_deleted' as const },
      { compared: false },
    ]) {
      const one = finding(1, { resource: true }, { ...overrides, diffs: [] })
      expect(fold(one)).toMatchObject({ announced: [['alert-1', 'open']], row: { status: 'open' } })
    }
  })

  it('remembers the newest 200 alerts', () => {
    const { row } = fold(...Array.from({ length: 201 }, (_, second) => finding(second, { a: true })))
    expect(row.alerts).toHaveLength(200)
    expect(row.alerts.at(0)!.id).toBe('alert-1')
    expect(row.alerts.at(-1)!.id).toBe('alert-200')
  })

  it('does not change the row that it is given', () => {
    const { row } = foldStatus(null, finding(1, { a: true }))
    const before = structuredClone(row)
    foldStatus(row, finding(2, { a: false, b: true }))
    expect(row).toEqual(before)
  })

  it('R9 status, verdicts and since do not depend on the order of arrival, nor on repetition', () => {
    const slots = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'resource'), fc.boolean(), { minKeys: 1 })
    const events = fc.uniqueArray(fc.record({ second: fc.nat(5), id: fc.nat(9), slots }), {
      minLength: 1,
      maxLength: 8,
      selector: ({ id }) => id,
    })
    const arrivals = events.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray(list, { minLength: list.length }),
        fc.array(fc.constantFrom(...list), { maxLength: 5 }),
      ),
    )
    fc.assert(
      fc.property(arrivals, ([list, shuffled, repeated]) => {
        const findings = (order: typeof list) =>
          order.map(({ second, id, slots }) => {
            const one = finding(second, slots, { id: `alert-${id}` })
            return { ...one, verdicts: one.verdicts.map((verdict) => ({ ...verdict, eventId: `e${id}` })) }
          })
        const { row: expected } = fold(...findings(list))
        const { row } = fold(...findings([...shuffled.slice(0, 2), ...repeated, ...shuffled, ...repeated]))
        expect([row.status, row.since, row.verdicts]).toEqual([
          expected.status,
          expected.since,
          expected.verdicts,
        ])
        expect(row.alerts.map(({ id }) => id).sort()).toEqual(expected.alerts.map(({ id }) => id).sort())
        for (const { slot, differs } of row.verdicts) {
          const rank = (one: (typeof list)[number]) =>
            `${one.second} ${slot === 'resource' && !one.slots[slot] ? 1 : 0} e${one.id}`
          const last = list
            .filter(({ slots }) => Object.hasOwn(slots, slot))
            .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
            .at(-1)
          expect(differs).toBe(last!.slots[slot])
        }
      }),
    )
  })
})
