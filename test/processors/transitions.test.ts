import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { advance } from '../../processors/life.ts'
import { foldStatus } from '../../processors/status.ts'
import { type DriftEvent, driftEvents, transitions } from '../../processors/transitions.ts'
import type { AlertState, AlertStatus, StatusChange } from '../../schemas/types.ts'
import { aDiff, aFinding } from './a-finding.ts'

/** What is promised, cell by cell, in words of its own: - is nothing. */
const promised = `
               | drifted    | set back | adopted  | acknowledge  | suppress   | resolve  | suppression over | expire
  open         | changed    | resolved | resolved | acknowledged | suppressed | resolved | -                | expired
  changed      | changed    | resolved | resolved | acknowledged | suppressed | resolved | -                | expired
  acknowledged | changed    | resolved | resolved | -            | suppressed | resolved | -                | -
  suppressed   | suppressed | resolved | resolved | acknowledged | suppressed | resolved | open             | -
  expired      | open       | resolved | resolved | acknowledged | suppressed | resolved | -                | -
  resolved     | open       | -        | -        | -            | -          | -        | -                | -
`
const [head, ...lines] = promised
  .trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
const cells = lines.flatMap(([status, ...row]) =>
  row.map((next, i) => ({ status: status as AlertState, event: head![i + 1] as DriftEvent, next })),
)

const change: StatusChange = {
  by: 'operator',
  actor: 'carol',
  at: '2026-03-01T12:00:00Z',
  reason: 'planned',
  until: null,
}

/** A drift of this status, with one alert of it and one that is resolved. */
function drift(status: AlertState): AlertStatus {
  const announcement = (id: string, state: AlertState) => ({
    id,
    status: state,
    first: null,
    change: null,
    alert: state === 'resolved' ? null : Buffer.from(id),
  })
  return {
    driftId: 'drift-1',
    resourceKey: 'aws/1/eu-west-1/aws_instance/i-1',
    address: null,
    status: status === 'changed' ? 'open' : status,
    since: '2026-03-01T10:00:00Z',
    verdicts: [{ slot: 'a', time: '2026-03-01T10:00:00Z', eventId: 'e-1', differs: status !== 'resolved' }],
    alerts: [announcement('old', 'resolved'), announcement('alert', status)],
    change: null,
    toldAt: null,
    eventKey: 'aws/1/eu-west-1',
    causes: [{ eventId: 'e-1', event: Buffer.from('e-1') }],
    commands: [],
    history: [],
  }
}

test('every status and every event has its cell', () => {
  expect(cells).toHaveLength(6 * 8)
  expect(head!.slice(1)).toEqual(driftEvents)
  expect(lines.map(([status]) => status)).toEqual(Object.keys(transitions))
})

/** The cells of one kind: every cell is of exactly one, see below. */
const kinds = {
  drifted: cells.filter(({ event }) => event === 'drifted'),
  nothing: cells.filter(({ event, next }) => event !== 'drifted' && next === '-'),
  anew: cells.filter(({ event, next, status }) => event !== 'drifted' && next === status),
  moved: cells.filter(({ event, next, status }) => event !== 'drifted' && next !== '-' && next !== status),
}
type Other = Exclude<DriftEvent, 'drifted'>

test('every cell is tested below', () => {
  expect(Object.values(kinds).flat()).toHaveLength(cells.length)
})

const open = (next: string | undefined) => (next === 'changed' ? 'open' : next)

describe('a new alert', () => {
  test.each(kinds.drifted)(
    'of a drift that is $status is $next, and the others stay as they were',
    (cell) => {
      const row = drift(cell.status)
      const verdicts = [{ slot: 'b', time: '2026-03-01T11:00:00Z', eventId: 'e-2', differs: true }]
      const finding = aFinding({ id: 'new', verdicts, diffs: [aDiff('b', 1, 2)] })
      const { row: after, own, repeats } = foldStatus({ ...row, change }, finding)
      expect(own).toEqual({
        status: cell.next,
        change: cell.next === 'suppressed' ? change : null,
        later: null,
      })
      expect(after.status).toBe(open(cell.next))
      expect(after.alerts.slice(0, -1)).toEqual(row.alerts)
      expect(repeats).toEqual([])
    },
  )
})

test.each(kinds.nothing)('$status, $event: nothing becomes of it', ({ status, event }) => {
  const row = drift(status)
  expect(advance(row, event as Other, change)).toEqual({ row, repeats: [] })
})

test.each(kinds.anew)(
  '$status, $event: it is so for another reason, and nothing is said',
  ({ status, event }) => {
    const row = drift(status)
    expect(advance(row, event as Other, change)).toEqual({ row: { ...row, change }, repeats: [] })
  },
)

test.each(kinds.moved)('$status, $event: it is $next, which is said once', ({ status, event, next }) => {
  const row = drift(status)
  const step = advance(row, event as Other, change)
  const alert = Buffer.from('alert')
  expect(step.repeats).toEqual([{ alert, status: next, change }])
  expect(step.row).toMatchObject({ status: open(next), change })
  expect(step.row.alerts).toEqual([
    row.alerts[0],
    { id: 'alert', status: next, first: status, change, alert: next === 'resolved' ? null : alert },
  ])
  expect(step.row.causes).toEqual(next === 'resolved' ? [] : row.causes)
  expect(advance(step.row, event as Other, change).repeats).toEqual([])
})

test('docs/alerts.md has the table', () => {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const table = [
    line(['status', ...driftEvents]),
    line(['---', ...driftEvents.map(() => '---')]),
    ...Object.entries(transitions).map(([status, row]) =>
      line([`**${status}**`, ...driftEvents.map((event) => row[event] ?? '·')]),
    ),
  ].join('\n')
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/alerts.md'), 'utf8')
  expect(page).toContain(table)
})
