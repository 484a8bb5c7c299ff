import { type Flow, WARM_UP } from './flow.ts'
import { machine } from './machine.ts'
import type { ThroughputOptions } from './options.ts'
import type { ProductRound } from './product-round.ts'
import { formatTable, type Row } from './table.ts'

/** Everything that was measured in one round, the product first. */
export interface Round extends ProductRound {
  /** null on the embedded bus. */
  bare: Flow | null
  /** The machine's load average before the product began, and before the bare loop did. */
  loads: [number, number]
}

const MIB = 2 ** 20

/** The figures, and what they were measured with. */
export function report(options: ThroughputOptions, rounds: readonly Round[], broker: string): string {
  const { events, resources, instances, profile } = options
  const processes = instances === 1 ? '1 process' : `${instances} processes, the sum of which is shown`
  const lines = [
    `${machine()}; ${broker}`,
    `${number(events)} events, every one a drift with an alert; ${number(resources)} resources; ${processes}; ` +
      `the first ${WARM_UP * 100} % are not timed`,
    `events by partition: ${rounds[0]!.spread.map(number).join(', ')}`,
    ...(profile === undefined ? [] : [`with the profiler on, which costs; the profiles are in ${profile}`]),
    '',
    formatTable([...productRows(rounds), ...bareRows(rounds)]),
    ...rounds.map((round, n) => verdict(round, n, events)),
  ]
  return `${lines.join('\n')}\n`
}

function productRows(rounds: readonly Round[]): Row[] {
  return [
    { name: 'state rows/s', values: rounds.map(({ states }) => states.perSecond) },
    { name: 'seconds until ready', values: rounds.map(({ readySeconds }) => readySeconds), digits: 1 },
    { name: 'events/s', values: rounds.map(({ alerts }) => alerts.perSecond) },
    ...costRows(rounds.map(({ alerts, loads }) => ({ flow: alerts, load: loads[0] }))),
  ]
}

/** None on the embedded bus. */
function bareRows(rounds: readonly Round[]): Row[] {
  const both = rounds.flatMap(({ alerts, bare, loads }) =>
    bare ? [{ alerts, flow: bare, load: loads[1] }] : [],
  )
  if (both.length === 0) return []
  return [
    { name: 'bare loop, events/s', values: both.map(({ flow }) => flow.perSecond) },
    ...costRows(both),
    {
      name: 'product / bare loop',
      values: both.map(({ alerts, flow }) => alerts.perSecond / flow.perSecond),
      digits: 2,
    },
  ]
}

function costRows(rounds: readonly { flow: Flow; load: number }[]): Row[] {
  return [
    { name: '  processor µs/event', values: rounds.map(({ flow }) => flow.cpuMicros) },
    {
      name: '  peak memory, MiB',
      values: rounds.map(({ flow: { peakBytes } }) => peakBytes && peakBytes / MIB),
    },
    { name: '  load average before', values: rounds.map(({ load }) => load), digits: 1 },
  ]
}

function verdict({ alerted, repeated, lag }: Round, index: number, events: number): string {
  const fault = alerted === events && lag === 0 ? '' : '  FAILED'
  return (
    `round ${index + 1}: ${number(alerted)} of ${number(events)} events have their alert, ` +
    `${number(repeated)} alerts repeated, ${number(lag)} events not committed${fault}`
  )
}

function number(value: number): string {
  return value.toLocaleString('en')
}
