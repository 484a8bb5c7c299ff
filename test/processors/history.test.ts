import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ResourceFinding } from '../../processors/finding.ts'
import { foldHistory, historyBefore } from '../../processors/history.ts'
import { foldSetBacks, foldStatus } from '../../processors/status.ts'
import type { AlertStatus } from '../../schemas/types.ts'
import { aCall, aDiff, aFinding, anActor, aSignalFinding } from './a-finding.ts'

type History = AlertStatus['history']

const noon = Date.parse('2026-03-10T12:00:00Z')
const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

/** A change so long before noon. */
function change(eventId: string, before: number, overrides: Partial<ResourceFinding> = {}): ResourceFinding {
  const time = noon - before
  const sourceEvent = { ...aCall().sourceEvent, time: new Date(time).toISOString() }
  return aFinding({ call: aCall({ eventId, time, sourceEvent }), ...overrides })
}

function fold(...findings: ResourceFinding[]): History {
  return findings.reduce<History>(foldHistory, [])
}

const told = (history: History, before = 0) => historyBefore(history, noon - before).map(({ event }) => event)
const named = (name: string, before: number) => {
  const { call, ...rest } = change(name, before)
  return { ...rest, call: { ...call, sourceEvent: { ...call.sourceEvent, name } } }
}

describe('the history of a resource', () => {
  it('tells when, who, which call and what it was about, the newest change first', () => {
    const diffs = [aDiff('ingress', [], ['0.0.0.0/0']), aDiff('tags.Team', 'a', 'b')]
    expect(historyBefore(fold(change('e1', DAY, { diffs }), change('e2', HOUR)), noon)).toEqual([
      {
        time: '2026-03-10T11:00:00Z',
        actor: 'alice',
        event: 'ModifyInstanceAttribute',
        attributes: ['disable_api_termination'],
      },
      {
        time: '2026-03-09T12:00:00Z',
        actor: 'alice',
        event: 'ModifyInstanceAttribute',
        attributes: ['ingress', 'tags.Team'],
      },
    ])
  })

  it('reaches back seven days from the event, which is not told itself, nor what came at its instant', () => {
    const history = fold(
      named('TooOld', 7 * DAY + 1),
      named('Oldest', 7 * DAY),
      named('Newest', 1),
      named('Itself', 0),
    )
    expect(told(history)).toEqual(['Newest', 'Oldest'])
  })

  it('of an event that comes three days late tells what had happened by then', () => {
    const history = fold(named('NineDaysAgo', 9 * DAY), named('Yesterday', DAY), named('Late', 3 * DAY))
    expect(told(history, 3 * DAY)).toEqual(['NineDaysAgo'])
  })

  it('drops with the next change what no event to come can be told of', () => {
    const history = fold(named('Gone', 14 * DAY + 1), named('Kept', 14 * DAY), named('Now', 0))
    expect(history.map(({ event }) => event)).toEqual(['Now', 'Kept'])
  })

  it('holds creations, deletions and changes that are not compared, too', () => {
    const history = fold(
      change('e1', 3, { type: 'unmanaged_resource', diffs: [] }),
      change('e2', 2, { type: 'resource_deleted', diffs: [] }),
      change('e3', 1, { compared: false, diffs: [] }),
    )
    expect(history.map(({ eventId }) => eventId)).toEqual(['e3', 'e2', 'e1'])
  })

  it("holds what Terraform did and the state says by now, and not a person's call that set nothing new", () => {
    const verdict = (slot: string) => ({ slot, time: '2026-03-10T11:59:59Z', eventId: 'e', differs: false })
    const same = {
      diffs: [],
      verdicts: [verdict('ingress#["a"]'), verdict('ingress#["b"]'), verdict('resource')],
    }
    const terraforms = change('e1', HOUR, same)
    terraforms.call.actor = anActor({ name: 'ci', tool: 'terraform' })
    expect(fold(terraforms, change('e2', HOUR, same))).toMatchObject([
      { eventId: 'e1', actor: 'ci', attributes: ['ingress'] },
    ])
  })

  it("holds a call of Terraform's own that gave way to a later one", () => {
    const later = foldStatus(null, change('e2', HOUR)).row
    const origin = { eventKey: 'aws/1/eu-west-1', event: null, now: new Date(0) }
    expect(
      foldSetBacks(later, change('e1', 2 * HOUR), origin)!.row.history.map(({ eventId }) => eventId),
    ).toEqual(['e2', 'e1'])
  })

  it('of signals is empty: they are about no resource', () => {
    expect(foldHistory([], aSignalFinding())).toEqual([])
  })

  it('tells no more than twenty changes, of no more than ten attributes each, and keeps no more than a hundred', () => {
    const diffs = Array.from({ length: 30 }, (_, n) => aDiff(`a${n}`, 1, 2))
    const history = fold(...Array.from({ length: 150 }, (_, n) => change(`e${n}`, n + 1, { diffs })))
    expect(history).toHaveLength(100)
    expect(historyBefore(history, noon)).toHaveLength(20)
    expect(history[0]).toMatchObject({
      eventId: 'e0',
      attributes: diffs.slice(0, 10).map((d) => d.attribute),
    })
  })
})

const changes = fc.array(
  fc.record({
    id: fc.integer({ min: 0, max: 30 }),
    before: fc.integer({ min: 0, max: 20 * DAY }),
    actor: fc.constantFrom('alice', 'AIDAEXAMPLE'),
    attributes: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
  }),
  { maxLength: 40 },
)

it('the history is the same in whatever order changes come, and however often', () => {
  fc.assert(
    fc.property(changes, fc.infiniteStream(fc.nat()), (list, chances) => {
      // Copies of one event differ in who is named, never in when it was.
      const times = new Map(list.map(({ id, before }) => [id, before]))
      const findings = list.map(({ id, actor, attributes }) => {
        const one = change(`e${id}`, times.get(id)!, { diffs: attributes.map((name) => aDiff(name, 1, 2)) })
        return { ...one, call: { ...one.call, actor: anActor({ name: actor }) } }
      })
      const shuffled = [...findings, ...findings]
        .map((finding) => ({ finding, chance: chances.next().value! }))
        .sort((a, b) => a.chance - b.chance)
        .map(({ finding }) => finding)
      expect(fold(...shuffled)).toEqual(fold(...findings))
    }),
  )
})

it('a replay of the last seven days tells what was told at first', () => {
  fc.assert(
    fc.property(changes, (list) => {
      const findings = list
        .map(({ id, before }) => change(`e${id}`, before))
        .sort((a, b) => a.call.time - b.call.time)
      const first = new Map<string, unknown>()
      let history: History = []
      for (const finding of findings) {
        if (first.has(finding.call.eventId)) continue
        history = foldHistory(history, finding)
        first.set(finding.call.eventId, historyBefore(history, finding.call.time))
      }
      const newest = findings.at(-1)?.call.time ?? 0
      const retained = findings.filter(
        ({ call }, at) =>
          call.time > newest - 7 * DAY &&
          findings.findIndex(({ call: { eventId } }) => eventId === call.eventId) === at,
      )
      for (const finding of retained) {
        history = foldHistory(history, finding)
        expect(historyBefore(history, finding.call.time)).toEqual(first.get(finding.call.eventId))
      }
    }),
  )
})
