import { expect, test } from 'vitest'
import type { Flow } from '../../bench/flow.ts'
import { type Round, report } from '../../bench/report.ts'

const options = { bus: 'kafka', resources: 100, events: 2000, instances: 1, rounds: 1 } as const

function flow(perSecond: number): Flow {
  return { done: 2000, perSecond, cpuMicros: 250, peakBytes: 300 * 2 ** 20 }
}

function aRound(fields: Partial<Round> = {}): Round {
  return {
    states: flow(9000),
    readySeconds: 2.5,
    alerts: flow(4000),
    spread: [1200, 800],
    alerted: 2000,
    repeated: 0,
    lag: 0,
    bare: flow(8000),
    loads: [1, 2],
    ...fields,
  }
}

test('the report says what was measured, beside the bare loop, and on which load', () => {
  const text = report(options, [aRound()], 'Kafka 4')
  expect(text).toMatch(/^\d+ x .*Node v\d+.*; Kafka 4\n2,000 events/)
  expect(text).toContain('events by partition: 1,200, 800\n')
  for (const line of [/^events\/s +4,000/m, /^ {2}peak memory, MiB +300/m, /^product \/ bare loop +0\.50/m]) {
    expect(text).toMatch(line)
  }
  expect(text).toContain('round 1: 2,000 of 2,000 events have their alert, 0 alerts repeated')
  expect(text).not.toContain('FAILED')
})

test('on the embedded bus there is nothing about a bare loop', () => {
  expect(report(options, [aRound({ bare: null })], 'embedded log')).not.toContain('bare')
})

test.each([{ alerted: 1999 }, { lag: 1 }])('a round with %j has failed', (fields) => {
  const lines = report(options, [aRound(), aRound(fields)], 'Kafka 4').split('\n')
  expect(lines.filter((line) => line.endsWith('FAILED'))).toEqual([expect.stringMatching(/^round 2: /)])
})
