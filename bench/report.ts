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
  const row = (name: string, value: (round: Round) => number | null, digits = 0): Row => ({
    name,
    values: rounds.map(value),
    digits,
  })
  const product = [
    row('state rows/s', ({ states }) => states.perSecond),
    row('seconds until ready', ({ readySeconds }) => readySeconds, 1),
    row('events/s', ({ alerts }) => alerts.perSecond),
    row('  processor µs/event', ({ alerts }) => alerts.cpuMicros),
    row('  peak memory, MiB', ({ alerts }) => mib(alerts.peakBytes)),
    row('  load average before', ({ loads }) => loads[0], 1),
  ]
  const bare = [
    row('bare loop, events/s', ({ bare }) => bare!.perSecond),
    row('  processor µs/event', ({ bare }) => bare!.cpuMicros),
    row('  peak memory, MiB', ({ bare }) => mib(bare!.peakBytes)),
    row('  load average before', ({ loads }) => loads[1], 1),
    row('product / bare loop', ({ alerts, bare }) => alerts.perSecond / bare!.perSecond, 2),
  ]
  const [first] = rounds
  const head = [
    `${machine()}; ${broker}`,
    `${number(events)} events, every one a drift with an alert; ${number(resources)} resources; ` +
      `${instances} ${instances === 1 ? 'process' : 'processes, the sum of which is shown'}; ` +
      `the first ${WARM_UP * 100} % are not timed`,
    `events by partition: ${first!.spread.map(number).join(', ')}`,
    ...(profile === undefined ? [] : [`with the profiler on, which costs: profiles are in ${profile}`]),
  ]
  const table = formatTable(first!.bare ? [...product, ...bare] : product)
  return [...head, '', table.trimEnd(), '', ...rounds.map((round, n) => verdict(round, n, events)), ''].join(
    '\n',
  )
}

function verdict({ alerted, repeated, lag }: Round, index: number, events: number): string {
  const fault = alerted === events && lag === 0 ? '' : '  FAILED'
  return (
    `round ${index + 1}: ${number(alerted)} of ${number(events)} events have their alert, ` +
    `${number(repeated)} alerts repeated, ${number(lag)} events not committed${fault}`
  )
}

function mib(bytes: number | null): number | null {
  return bytes === null ? null : bytes / MIB
}

function number(value: number): string {
  return value.toLocaleString('en')
}
