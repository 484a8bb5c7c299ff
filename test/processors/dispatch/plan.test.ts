import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../../processors/dispatch/decide.ts'
import { type Held, plan } from '../../../processors/dispatch/plan.ts'
import type { SinkPolicy } from '../../../processors/dispatch/policy.ts'
import { createRate } from '../../../processors/dispatch/rate.ts'
import { severities } from '../../../processors/severity.ts'
import type { Severity } from '../../../schemas/types.ts'

const people: SinkPolicy = {
  audience: 'people',
  group: { waitMs: 2_000, windowMs: 30_000 },
  digestOver: 3,
  limits: {},
  quiet: [],
}
const night = [{ from: 0, to: 60, timezone: 'UTC', days: ['thu' as const] }]
const unlimited = () => Number.POSITIVE_INFINITY

let places = 0
function held(alertId: string, changes: Partial<Held> = {}): Held {
  const driftId = `drift of ${alertId}`
  const about = { alertId, driftId, status: 'open', severity: 'medium', cause: 'alice' } as const
  return { ...about, since: 0, place: places++, ...changes }
}

const shown = (messages: ReturnType<typeof plan>['messages']) =>
  messages.map(({ kind, held }) => `${kind} ${held.map(({ alertId }) => alertId).join(' ')}`)

describe('what waits', () => {
  it('goes as one group when for a while nothing of its cause has come', () => {
    const rows = [held('a'), held('b', { since: 1_500 }), held('c', { since: 3_000 })]
    expect(plan(rows, people, 4_999, unlimited)).toEqual({ messages: [], lookAt: 5_000 })
    expect(shown(plan(rows, people, 5_000, unlimited).messages)).toEqual(['group a b c'])
  })

  it('goes at the end of the window though more of it keeps coming', () => {
    const rows = Array.from({ length: 31 }, (_, n) => held(`${n}`, { since: n * 1_000 }))
    expect(plan(rows, people, 29_999, unlimited).messages).toEqual([])
    expect(plan(rows, people, 30_000, unlimited).messages).toMatchObject([
      { kind: 'group', held: { length: 31 } },
    ])
  })

  it('is grouped by its cause, the most severe first, and alone where it is the only one', () => {
    const rows = [
      held('a'),
      held('b', { cause: 'bob' }),
      held('c', { cause: 'carol', severity: 'high' }),
      held('d', { cause: 'bob' }),
    ]
    expect(shown(plan(rows, people, 9_000, unlimited).messages)).toEqual(['alone c', 'alone a', 'group b d'])
  })

  it('stays with what its drift has waiting, whatever its own cause', () => {
    const rows = [held('a'), held('b', { driftId: 'drift of a', cause: 'bob', since: 1, severity: 'high' })]
    expect(shown(plan(rows, people, 9_000, unlimited).messages)).toEqual(['group a b'])
  })

  it('becomes a digest when the limit keeps more messages waiting than it may', () => {
    const rows = ['a', 'b', 'c', 'd'].map((name, since) => held(name, { cause: name, since }))
    expect(shown(plan(rows, people, 9_000, () => 1).messages)).toEqual(['digest a b c d'])
    expect(shown(plan(rows.slice(1), people, 9_000, () => 1).messages)).toEqual([
      'alone b',
      'alone c',
      'alone d',
    ])
    expect(shown(plan(rows, people, 9_000, () => 4).messages)).toHaveLength(4)
  })

  it('leaves high alerts out of the digest of the others', () => {
    const rows = ['a', 'b', 'c', 'd'].map((name) => held(name, { cause: name }))
    rows.push(held('e', { cause: 'e', severity: 'high', since: 5 }))
    expect(shown(plan(rows, people, 9_000, () => 1).messages)).toEqual(['alone e', 'digest a b c d'])
  })

  it('waits through quiet hours, but for a critical alert and what must go before it', () => {
    const rows = [
      held('a'),
      held('b', { since: 1 }),
      held('c', { driftId: 'drift of b', severity: 'critical', since: 2 }),
      held('d', { driftId: 'drift of b', since: 3 }),
    ]
    const { messages, lookAt } = plan(rows, { ...people, quiet: night }, 59_000, () => 0)
    expect(shown(messages)).toEqual(['alone b c'])
    expect(messages[0]).toMatchObject({ urgent: true, severity: 'critical' })
    expect(lookAt).toBe(60_000)
  })
})

/** A sink with its outbox, as service and bus drive them, on a clock of its own. */
function simulate(arrivals: readonly Held[], policy: SinkPolicy, pace: number, until: number) {
  const rate = createRate(policy.limits)
  let outbox: Held[] = []
  const sent: { one: Held; at: number; urgent: boolean }[] = []
  const messages: { severity: Severity; at: number }[] = []
  const coming = [...arrivals].sort((a, b) => a.since - b.since)
  for (let now = 0; now < until && (coming.length > 0 || outbox.length > 0); now += pace) {
    while (coming[0] && coming[0].since <= now) {
      const one = coming.shift()!
      const isHeld = outbox.some(({ driftId }) => driftId === one.driftId)
      const decision = decide(one, policy, isHeld)
      if (decision === 'hold') outbox.push(one)
      if (decision === 'now') sent.push({ one, at: now, urgent: true })
    }
    for (const message of plan(outbox, policy, now, (severity) => rate.room(severity, now)).messages) {
      if (!message.urgent && rate.room(message.severity, now) < 1) continue
      if (!message.urgent) {
        rate.spent(message.severity, now)
        messages.push({ severity: message.severity, at: now })
      }
      const gone = message.kind === 'alone' && !message.urgent ? message.held.slice(0, 1) : message.held
      sent.push(...gone.map((one) => ({ one, at: now, urgent: message.urgent })))
      outbox = outbox.filter((one) => !gone.includes(one))
    }
  }
  return { sent, messages, left: outbox }
}

const arrival = fc.record({
  drift: fc.nat(5),
  cause: fc.nat(2),
  severity: fc.constantFrom(...severities),
  since: fc.nat(20_000),
})
const policies = fc.record({
  group: fc.option(fc.record({ waitMs: fc.nat(3_000), windowMs: fc.nat(10_000) })),
  digestOver: fc.option(fc.integer({ min: 1, max: 4 })),
  limited: fc.boolean(),
  quiet: fc.boolean(),
})

describe('whatever comes and whenever', () => {
  it('every alert goes out exactly once, in the order of its drift, no critical one waits, and no limit is exceeded', () => {
    fc.assert(
      fc.property(
        fc.array(arrival, { maxLength: 40 }),
        policies,
        (drafts, { group, digestOver, limited, quiet }) => {
          const policy: SinkPolicy = {
            audience: 'people',
            group,
            digestOver,
            limits: limited ? { all: { count: 1, perMs: 1_000 }, medium: { count: 2, perMs: 5_000 } } : {},
            quiet: quiet ? [{ from: 0, to: 1, timezone: 'UTC', days: ['thu'] }] : [],
          }
          const arrivals = drafts
            .sort((a, b) => a.since - b.since)
            .map(({ drift, cause, severity, since }, n): Held => {
              return {
                alertId: `${n}`,
                driftId: `${drift}`,
                status: 'open',
                severity,
                cause: `${cause}`,
                since,
                place: n,
              }
            })
          const wanted = arrivals.filter(({ severity }) => severity !== 'low' && severity !== 'info')
          const pace = 200
          const { sent, messages, left } = simulate(arrivals, policy, pace, 400_000)
          expect(left).toEqual([])
          expect(sent.map(({ one }) => one.alertId).sort()).toEqual(
            wanted.map(({ alertId }) => alertId).sort(),
          )
          for (const drift of new Set(wanted.map(({ driftId }) => driftId))) {
            const places = sent.filter(({ one }) => one.driftId === drift).map(({ one }) => one.place)
            expect(places).toEqual([...places].sort((a, b) => a - b))
          }
          for (const { one, at } of sent)
            if (one.severity === 'critical') expect(at - one.since).toBeLessThan(2 * pace)
          if (limited)
            for (const [i, { at }] of messages.entries())
              expect(at - (messages[i - 1]?.at ?? -1e9)).toBeGreaterThanOrEqual(1_000)
          if (quiet) for (const { at, urgent } of sent) expect(urgent || at >= 60_000).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})
