import type { Io } from '../cli/io.ts'
import type { Finding } from '../processors/finding.ts'
import { createMatcher } from '../processors/match.ts'
import { type Rule, ruleSchema } from '../processors/rules/schema.ts'
import { aCall, aDiff, aFinding, aRow } from '../test/processors/a-finding.ts'
import { machine } from './machine.ts'
import type { RulesOptions } from './options.ts'
import { medianOf } from './table.ts'

const FEW = 100
const MOST = 2

type Body = Pick<Rule, 'resource_types' | 'events'> & { conditions?: Rule['conditions'] }

/** What the rules that do not concern the event are about instead. */
const others: Record<string, (n: number) => Body> = {
  'other resource types': (n) => of(`aws_type_${n % 500}`, { attribute: 'size', operator: 'changed' }),
  'other attributes of the type': (n) =>
    of('aws_instance', { attribute: `attribute_${n}`, operator: 'changed' }),
  'other attributes of all types': (n) =>
    of(
      'aws_*',
      { attribute: `block_${n}[*].size`, operator: 'added' },
      { attribute: 'x', operator: 'gt', value: 1 },
    ),
  'other events of the type': (n) => ({ resource_types: ['aws_instance'], events: [`Call${n}`] }),
}

/** Ten of the rules are about the event, and three match it. */
const concerned = Array.from({ length: 10 }, (_, n) =>
  of('aws_instance', { attribute: 'instance_type', operator: 'changed', to: n < 3 ? 't3.large' : `t3.${n}` }),
)

function of(type: string, ...conditions: Rule['conditions']): Body {
  return { resource_types: [type], conditions }
}

/** Prints microseconds an event with few and with many rules; whether many cost less than double of few. */
export async function rules({ rules: many, events, rounds }: RulesOptions, io: Io): Promise<boolean> {
  io.stdout.write(`${machine()}; ${events.toLocaleString('en')} events a round, the median of ${rounds}\n\n`)
  const head = [
    'the others are about',
    `µs/event, ${FEW} rules`,
    `${many.toLocaleString('en')} rules`,
    'ratio',
  ]
  const lines = [head]
  let worst = 0
  for (const [name, other] of Object.entries(others)) {
    const [few, all] = measure(
      [FEW, many].map((count) => createMatcher(rulesOf(count, other))),
      { events, rounds },
    )
    worst = Math.max(worst, all! / few!)
    lines.push([name, few!.toFixed(2), all!.toFixed(2), (all! / few!).toFixed(2)])
  }
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  for (const line of lines) {
    const [first, ...rest] = line.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!),
    )
    io.stdout.write(`${[first, ...rest].join('  ')}\n`)
  }
  io.stdout.write(
    `\nthe worst ratio is ${worst.toFixed(2)}${worst < MOST ? '' : `  FAILED: not under ${MOST}`}\n`,
  )
  return worst < MOST
}

function rulesOf(count: number, other: (n: number) => Body): Rule[] {
  return Array.from({ length: count }, (_, n) => {
    const body = concerned[n] ?? other(n)
    const rule = { id: `r${n}`, name: `Rule ${n}`, severity: 'high', ...body }
    return { ...ruleSchema.parse(rule), file: 'bench' }
  })
}

/** The rounds of the matchers alternate, so that whatever else the machine does falls on both. */
function measure(
  matchers: readonly ReturnType<typeof createMatcher>[],
  { events, rounds }: Pick<RulesOptions, 'events' | 'rounds'>,
): number[] {
  const finding: Finding = aFinding({
    row: aRow({ instance_type: 't3.micro', tags: { Environment: 'production' } }),
    diffs: [aDiff('instance_type', 't3.micro', 't3.large')],
    call: aCall(),
  })
  const times: number[][] = matchers.map(() => [])
  // The first round warms up, and builds the index of the type.
  for (let round = 0; round <= rounds; round++) {
    for (const [i, match] of matchers.entries()) {
      const start = performance.now()
      for (let n = 0; n < events; n++) {
        if (match(finding).rules.length !== 3) throw new Error('three rules must match')
      }
      if (round > 0) times[i]!.push(((performance.now() - start) * 1000) / events)
    }
  }
  return times.map((own) => medianOf(own.sort((a, b) => a - b)))
}
