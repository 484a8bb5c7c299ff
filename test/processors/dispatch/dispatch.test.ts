import { describe, expect, it, test } from 'vitest'
import { byUrgency } from '../../../processors/dispatch/by-urgency.ts'
import { causeOf } from '../../../processors/dispatch/cause.ts'
import { decide } from '../../../processors/dispatch/decide.ts'
import type { SinkPolicy } from '../../../processors/dispatch/policy.ts'
import { isQuiet, type QuietHours, weekdays } from '../../../processors/dispatch/quiet-hours.ts'
import { createRate } from '../../../processors/dispatch/rate.ts'
import { compileRouting, type RouteMatch } from '../../../processors/dispatch/route.ts'
import type { Alert, Severity } from '../../../schemas/types.ts'
import { anAlert, aSignal } from '../../connectors/an-alert.ts'

const machines: SinkPolicy = { audience: 'machines', group: null, digestOver: null, limits: {}, quiet: [] }
const people: SinkPolicy = { ...machines, audience: 'people', group: { waitMs: 1, windowMs: 2 } }

describe('a decision', () => {
  test.each<[Severity, SinkPolicy, boolean, string]>([
    ['critical', people, false, 'now'],
    ['critical', people, true, 'hold'],
    ['high', people, false, 'hold'],
    ['medium', people, false, 'hold'],
    ['low', people, false, 'left-out'],
    ['info', people, true, 'left-out'],
    ['low', machines, false, 'now'],
    ['info', machines, false, 'now'],
    ['medium', machines, true, 'hold'],
    ['medium', { ...machines, limits: { all: { count: 1, perMs: 1 } } }, false, 'hold'],
    ['critical', { ...machines, limits: { all: { count: 1, perMs: 1 } } }, false, 'now'],
  ])('on a %s alert is as the sink is', (severity, policy, isHeld, decision) => {
    expect(decide({ severity }, policy, isHeld)).toBe(decision)
  })
})

it('puts the most severe first, and before it what is earlier in its drift', () => {
  const alert = (id: string, severity: Severity, driftId = id) => ({ id, severity, driftId })
  const alerts = [
    alert('a', 'medium'),
    alert('b', 'low'),
    alert('c', 'high', 'b'),
    alert('d', 'critical'),
    alert('e', 'high'),
    alert('f', 'low', 'e'),
  ]
  expect(
    byUrgency(alerts)
      .map(({ id }) => id)
      .join(''),
  ).toBe('dbceaf')
})

describe('a cause', () => {
  const alert = anAlert()

  it('is the same for many resources that one person changes with one tool from one place', () => {
    const other = {
      ...anAlert({ id: 'two' }),
      resource: { ...alert.resource!, id: 'i-1', type: 'aws_s3_bucket' },
    }
    expect(causeOf(other)).toBe(causeOf(alert))
  })

  test.each<[string, Alert]>([
    ['person', { ...alert, actor: { ...alert.actor, arn: 'arn:aws:iam::123456789012:user/bob' } }],
    ['tool', { ...alert, actor: { ...alert.actor, tool: 'cli' } }],
    ['address', { ...alert, actor: { ...alert.actor, sourceIp: '203.0.113.11' } }],
    ['account', { ...alert, resource: { ...alert.resource!, account: '999999999999' } }],
  ])('is another one with another %s', (_, other) => {
    expect(causeOf(other)).not.toBe(causeOf(alert))
  })

  it('of what names nobody is its own kind', () => {
    const other = aSignal({ sourceEvent: { ...aSignal().sourceEvent, name: 'Read sensitive file' } })
    expect(causeOf(other)).not.toBe(causeOf(aSignal()))
  })
})

describe('quiet hours', () => {
  const hours = (changes: Partial<QuietHours>): QuietHours[] => [
    { from: 22 * 60, to: 7 * 60, timezone: 'UTC', days: [...weekdays], ...changes },
  ]
  const at = (text: string) => Date.parse(text)

  test.each<[string, Partial<QuietHours>, string, boolean]>([
    ['begin with their minute', {}, '2026-03-02T22:00:00Z', true],
    ['have not begun before it', {}, '2026-03-02T21:59:59Z', false],
    ['last over midnight', {}, '2026-03-03T06:59:59Z', true],
    ['end with their minute', {}, '2026-03-03T07:00:00Z', false],
    ['go by the clock of their place', { timezone: 'Asia/Kolkata' }, '2026-03-02T16:30:00Z', true],
    ['go by winter time in winter', { timezone: 'Europe/Berlin' }, '2026-03-28T06:30:00Z', false],
    ['go by summer time in summer', { timezone: 'Europe/Berlin' }, '2026-03-30T05:30:00Z', false],
    ['go by summer time when it has just begun', { timezone: 'Europe/Berlin' }, '2026-03-29T04:59:00Z', true],
    ['of a day last into the next one', { days: ['mon'] }, '2026-03-03T06:00:00Z', true],
    ['of a day do not begin on the next one', { days: ['mon'] }, '2026-03-03T22:30:00Z', false],
    ['may lie within a day', { from: 12 * 60, to: 13 * 60 }, '2026-03-03T12:30:00Z', true],
  ])('%s', (_, changes, time, quiet) => {
    expect(isQuiet(hours(changes), at(time))).toBe(quiet)
  })
})

describe('a rate', () => {
  it('allows so many messages in any such time, for each severity and for all together', () => {
    const rate = createRate({ all: { count: 3, perMs: 1_000 }, medium: { count: 1, perMs: 1_000 } })
    rate.spent('medium', 0)
    expect([rate.room('medium', 0), rate.room('high', 0)]).toEqual([0, 2])
    rate.spent('high', 400)
    rate.spent('high', 500)
    expect(rate.room('high', 999)).toBe(0)
    expect(rate.roomAt('high', 999)).toBe(1_000)
    expect(rate.room('high', 1_000)).toBe(1)
  })

  it('never refuses a critical one, which takes the place of another', () => {
    const rate = createRate({ all: { count: 1, perMs: 1_000 } })
    rate.spent('critical', 0)
    expect(rate.room('critical', 0)).toBe(Number.POSITIVE_INFINITY)
    expect(rate.room('high', 0)).toBe(0)
  })

  it('that is not limited has room without end', () => {
    expect(createRate({}).room('low', 0)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('a route', () => {
  const sinks = ['default', 'one', 'two']
  const routed = (rules: [RouteMatch, string[], boolean?][], alert: Alert = anAlert()) => {
    const written = rules.map(([match, to, more = false]) => ({ match, sinks: to, continue: more }))
    return [...compileRouting({ default: ['default'], rules: written }, sinks)(alert)]
  }

  it('that matches first decides, unless it says that the next ones count, too', () => {
    const all = { severity: ['critical'] }
    expect(
      routed([
        [all, ['one']],
        [all, ['two']],
      ]),
    ).toEqual(['one'])
    expect(
      routed([
        [all, ['one'], true],
        [all, ['two']],
      ]),
    ).toEqual(['one', 'two'])
    expect(routed([[{ severity: ['low'] }, ['one']]])).toEqual(['default'])
  })

  it('to nowhere keeps an alert from the default', () => {
    expect(routed([[{ provider: ['aws'] }, []]])).toEqual([])
  })

  it('counts for nothing where a rule names a sink that there is', () => {
    expect(routed([[{}, ['one']]], anAlert({ channels: ['two', 'unknown'] }))).toEqual(['two'])
    expect(routed([[{}, ['one']]], anAlert({ channels: ['unknown'] }))).toEqual(['one'])
  })

  test.each<[RouteMatch, boolean]>([
    [{ type: ['attribute_drift'] }, true],
    [{ type: ['signal'] }, false],
    [{ account: ['1234*'] }, true],
    [{ account: ['9*'] }, false],
    [{ resource_type: ['AWS_inst*'] }, true],
    [{ rule: ['aws-*'] }, true],
    [{ rule: ['gcp-*'] }, false],
    [{ tag: { Environment: ['prod*'] } }, true],
    [{ tag: { Environment: ['prod*'], Team: ['*'] } }, false],
    [{ tag: { environment: ['prod*'] } }, false],
    [{ provider: ['aws'], severity: ['low'] }, false],
    [{ provider: ['gcp', 'aws'] }, true],
  ])('by %j is taken: %s', (match, taken) => {
    expect(routed([[match, ['one']]])).toEqual([taken ? 'one' : 'default'])
  })

  it('for falco is that of signals', () => {
    expect(routed([[{ provider: ['falco'] }, ['one']]], aSignal())).toEqual(['one'])
  })
})
