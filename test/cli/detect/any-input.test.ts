import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createContext } from '../../../cli/context.ts'
import { createCollector } from '../../../cli/detect/collect-findings.ts'
import { readRules } from '../../../cli/read-rules.ts'
import type { Finding, StateRow } from '../../../processors/finding.ts'
import { createMatcher } from '../../../processors/match.ts'
import { createPipeline, type Pipeline } from '../../../processors/pipeline.ts'
import { createStateIndex } from '../../../processors/state-index.ts'
import { foldStatus } from '../../../processors/status.ts'
import { rawEventKey } from '../../../schemas/raw-event-key.ts'
import type { Alert, AlertStatus, RawEvent } from '../../../schemas/types.ts'
import { calls } from './any-input/calls.ts'
import { hashKey, rawEventsOf, type SampleEvent } from './any-input/events.ts'
import { rows } from './any-input/rows.ts'

const context = createContext({ hashKey, unmanagedAny: false })
const matcher = createMatcher(readRules({ shipped: true, folders: [] }))
const pipeline = createPipeline({ context, matcher, admits: () => true })

const sample = fc.record({
  /** Neighbours among the calls are about the same things, so that they set each other back. */
  call: fc.nat(5),
  second: fc.nat(3),
  actor: fc.constantFrom('person' as const, 'person' as const, 'terraform' as const, 'service' as const),
  outcome: fc.constantFrom(
    'done' as const,
    'done' as const,
    'done' as const,
    'failed' as const,
    'read' as const,
  ),
  twofold: fc.constantFrom('no' as const, 'no' as const, 'yes' as const, 'listing the resource' as const),
})

/** A state, events, and where each of them stands in another order; some stand there twice. */
const inputs = fc
  .record({
    state: fc.subarray([...rows], { minLength: 8 }),
    from: fc.nat(calls.length - 1),
    events: fc.array(fc.tuple(sample, fc.nat(999), fc.option(fc.nat(999))), { minLength: 2, maxLength: 6 }),
    partitions: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ from, events, ...rest }) => ({
    ...rest,
    events: events.map(([{ call, ...more }, first, again]) => {
      const event: SampleEvent = { ...more, call: calls[(from + call) % calls.length]! }
      return { event, first, again }
    }),
  }))

/** The findings too, as alert-status folds them. */
function collect(state: readonly StateRow[], events: readonly RawEvent[]) {
  const states = createStateIndex(context.mappings)
  for (const one of state) states.add(one)
  const findings: Finding[] = []
  const collector = createCollector(watched(findings), states)
  for (const event of events) collector.add(event)
  const alerts = collector.alerts(new Date(0))
  return { alerts, findings, verdict: (driftId: string) => verdictOf(collector.status(driftId)) }
}

function watched(findings: Finding[]): Pipeline {
  return {
    ...pipeline,
    plan(raw) {
      const plan = pipeline.plan(raw)
      if (typeof plan === 'string') return plan
      return {
        ...plan,
        judge(rowsOf) {
          const detection = plan.judge(rowsOf)
          findings.push(...detection.findings.map(({ finding }) => finding))
          return detection
        },
      }
    },
  }
}

/** What is announced when depends on the order, and of two accounts' records of a call, which tells who made it. */
function verdictOf(status: AlertStatus | null | undefined) {
  if (!status) return null
  const { alerts: _, change: __, history, ...verdict } = status
  return { ...verdict, history: history.map(({ actor: ___, ...change }) => change) }
}

/** What the order of the input must not change. */
function compared(alerts: readonly Alert[]) {
  return alerts.map(({ id, type, severity, resource, diffs, matchedRules, actor, sourceEvent, status }) => {
    return { id, type, severity, resource, diffs, matchedRules, actor, sourceEvent, status }
  })
}

function folded(findings: readonly Finding[]) {
  const statuses = new Map<string, AlertStatus>()
  for (const one of findings)
    statuses.set(one.driftId, foldStatus(statuses.get(one.driftId) ?? null, one).row)
  return statuses
}

it('every mechanism has calls among the samples', () => {
  const verbs = ['update', 'create', 'delete', 'put', 'remove', 'tag', 'untag', 'authorize', 'revoke']
  const mapped = context.mappings.calls()
  const used = calls.flatMap(({ service, name }) =>
    mapped
      .filter((one) => one.service === service.toLowerCase() || one.service === service)
      .filter((one) => name.toLowerCase().includes(one.call.toLowerCase()))
      .flatMap(({ effects }) => effects.flatMap((effect) => Object.keys(effect))),
  )
  expect(verbs.filter((verb) => !used.includes(verb))).toEqual([])
})

// A few seconds alone; the time limit is for a machine that does ten other things.
it('shuffling, doubling and splitting an input over partitions changes no result', {
  timeout: 120_000,
}, () => {
  const seen = { alerts: 0, resolved: 0, types: new Set<string>() }
  fc.assert(
    fc.property(inputs, ({ state, events, partitions }) => {
      const raw = events.map(({ event }, n) => rawEventsOf(event, n))
      const inOrder = raw.flat()
      const otherwise = raw
        .flatMap((copies, n) => {
          const { first, again } = events[n]!
          const placed = copies.map((event, part) => ({
            event,
            at: part === 0 ? first : (first * 7 + 500) % 1000,
          }))
          return again === null ? placed : [...placed, ...copies.map((event) => ({ event, at: again }))]
        })
        .sort((a, b) => a.at - b.at)
        .map(({ event }) => event)
      const expected = collect(state, inOrder)
      const keys = [...new Set(otherwise.map(rawEventKey))].sort()
      const parts = Array.from({ length: partitions }, (_, part) =>
        collect(
          [...state].reverse(),
          otherwise.filter((event) => keys.indexOf(rawEventKey(event)) % partitions === part),
        ),
      )
      const split = parts.flatMap(({ alerts }) => compared(alerts))
      same(split.sort(byIdOf), compared(expected.alerts).sort(byIdOf))

      const statuses = folded(parts.flatMap(({ findings }) => findings))
      for (const { driftId } of expected.findings)
        same(verdictOf(statuses.get(driftId)), expected.verdict(driftId))

      seen.alerts += expected.alerts.length
      seen.resolved += expected.alerts.filter(({ status }) => status === 'resolved').length
      for (const { type } of expected.alerts) seen.types.add(type)
    }),
    { numRuns: 1000 },
  )
  expect([...seen.types].sort()).toEqual(['attribute_drift', 'resource_deleted', 'unmanaged_resource'])
  expect(seen.alerts).toBeGreaterThan(500)
  expect(seen.resolved).toBeGreaterThan(10)
})

/** A hundred times as fast as toEqual, which says where they differ. */
function same(a: unknown, b: unknown): void {
  if (!isDeepStrictEqual(a, b)) expect(a).toEqual(b)
}

function byIdOf(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1
}
