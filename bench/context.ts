import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Io } from '../cli/io.ts'
import { findDependents } from '../cli/service/find-dependents.ts'
import { marksOfRow } from '../processors/dependents.ts'
import type { StateRow } from '../processors/finding.ts'
import { foldHistory, historyBefore } from '../processors/history.ts'
import type { RecordedChange } from '../schemas/types.ts'
import { openRocksStore } from '../streams/rocks-store.ts'
import { tableFamilies } from '../streams/table-families.ts'
import { openTables } from '../streams/tables.ts'
import { aCall, aDiff, aFinding, aRow } from '../test/processors/a-finding.ts'
import { manualBus } from '../test/streams/manual-bus.ts'
import { machine } from './machine.ts'
import type { ContextOptions } from './options.ts'
import { medianOf } from './table.ts'

const MOST_MS = 1
/** Of the state, what depends on one network; the rest are small modules. */
const HUB_SHARE = 0.2
const WARM_UP = 50
const BATCH = 500
const PER_MODULE = 4
/** Of history. */
const ROUNDS = 21
const EVENTS = 200

/** Prints what history and blast radius cost; whether no look-up takes a millisecond. */
export async function context({ resources, lookUps }: ContextOptions, io: Io): Promise<boolean> {
  const print = (line: string) => io.stdout.write(`${line}\n`)
  print(`${machine()}; a state of ${resources.toLocaleString('en')} resources\n`)
  const isFast = await blastRadius({ resources, lookUps }, print)
  history(print)
  return isFast
}

async function blastRadius(
  { resources, lookUps }: ContextOptions,
  print: (line: string) => void,
): Promise<boolean> {
  const rows = [...stateOf(resources)]
  await withTable(rows, false, async ({ seconds }) =>
    print(`rows without the index  ${seconds.toFixed(1)} s`),
  )
  return withTable(rows, true, async ({ table, seconds }) => {
    print(`rows with the index     ${seconds.toFixed(1)} s\n`)
    const [vpc, subnet] = rows as [StateRow, StateRow]
    const modules = rows.filter(({ address }) => address.endsWith('.aws_vpc.main'))
    const leaves = rows.filter(({ address }) => address.endsWith('.aws_instance.web'))
    const kinds: [string, (n: number) => StateRow][] = [
      ['nothing depends on it', (n) => leaves[(n * 7919) % leaves.length]!],
      ['a module’s network', (n) => modules[(n * 7919) % modules.length]!],
      ['a shared subnet', () => subnet],
      ['the shared network', () => vpc],
    ]
    let worst = 0
    print('blast radius, each look-up alone   dependents  median µs  99th of 100 µs')
    for (const [name, rowOf] of kinds) {
      const times: number[] = []
      let dependents = 0
      for (let n = 0; n < lookUps + WARM_UP; n++) {
        const start = performance.now()
        const [radius] = await findDependents(table, [rowOf(n)])
        if (n >= WARM_UP) times.push(performance.now() - start)
        dependents = radius!.totalDependents
      }
      times.sort((a, b) => a - b)
      const median = medianOf(times)
      worst = Math.max(worst, median)
      const cells = [
        dependents.toLocaleString('en').padStart(10),
        micros(median).padStart(9),
        micros(times[Math.floor(times.length * 0.99)]!).padStart(14),
      ]
      print(`${name.padEnd(33)}  ${cells.join('  ')}`)
    }
    const start = performance.now()
    await findDependents(table, [...leaves, ...modules].slice(0, BATCH))
    print(
      `\nof a batch of ${BATCH} resources ${micros((performance.now() - start) / BATCH)} µs each; the worst median is ${micros(worst)} µs${worst < MOST_MS ? '' : `  FAILED: not under ${MOST_MS} ms`}\n`,
    )
    return worst < MOST_MS
  })
}

function history(print: (line: string) => void): void {
  print('history, of an event   µs')
  for (const length of [0, 5, 20, 100]) {
    const finding = aFinding({ row: aRow(), diffs: [aDiff('instance_type', 'a', 'b')], call: aCall() })
    const known = Array.from({ length }, (_, n): RecordedChange => {
      const time = finding.call.time - (n + 1) * 60_000
      return { eventId: `e${n}`, time, actor: 'alice', event: 'Modify', attributes: ['instance_type'] }
    })
    const times = Array.from({ length: ROUNDS }, () => {
      const start = performance.now()
      for (let n = 0; n < EVENTS; n++) historyBefore(foldHistory(known, finding), finding.call.time)
      return performance.now() - start
    })
    const median = medianOf(times.sort((a, b) => a - b))
    print(`${`${length} changes before it`.padEnd(21)}  ${((median * 1000) / EVENTS).toFixed(1)}`)
  }
}

interface Held {
  table: Awaited<ReturnType<typeof open>>['table']['rows']
  /** That it took to fill it. */
  seconds: number
}

/** With a table of these rows on RocksDB, in a directory of its own. */
async function withTable<T>(
  rows: readonly StateRow[],
  marked: boolean,
  use: (held: Held) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(path.join(tmpdir(), 'tfdrift-bench-'))
  const store = await openRocksStore(dir, tableFamilies(['rows']))
  const bus = manualBus('state', 1)
  for (const row of rows) bus.append(0, row.key, JSON.stringify(row))
  const tables = await open(store, bus, marked)
  const start = performance.now()
  for (let to = BATCH; to < rows.length + BATCH; to += BATCH) await bus.deliver(0, Math.min(to, rows.length))
  try {
    return await use({ table: tables.table.rows, seconds: (performance.now() - start) / 1000 })
  } finally {
    await tables.close()
    await store.close()
    await rm(dir, { recursive: true })
  }
}

function open(
  store: Awaited<ReturnType<typeof openRocksStore>>,
  bus: ReturnType<typeof manualBus>,
  marked: boolean,
) {
  return openTables<{ rows: StateRow }>({
    bus,
    store,
    tables: {
      rows: {
        topic: 'state',
        decode: (_, value) => JSON.parse(String(value)) as StateRow,
        // Without either nothing of the row of before is read.
        namesOf: (_, { id }) => [id],
        ...(marked && { marksOf: (_: string, row: StateRow) => marksOfRow(row) }),
      },
    },
    deleteRetentionMs: 1e9,
    onFatal: (error) => {
      throw error
    },
  })
}

/** A network with a fifth of the state in it, then modules of a network, a subnet, a group and an instance. */
function* stateOf(resources: number): Generator<StateRow> {
  const hub = Math.round(resources * HUB_SHARE)
  yield rowOf('aws_vpc.hub')
  yield rowOf('aws_subnet.hub[0]', ['aws_vpc.hub'])
  for (let n = 2; n < hub; n++) {
    if (n % 4 === 0) yield rowOf(`aws_subnet.hub[${n}]`, ['aws_vpc.hub'])
    else yield rowOf(`aws_instance.hub[${n}]`, ['aws_subnet.hub', 'aws_vpc.hub'], ['aws_subnet.hub'])
  }
  for (let n = 0; n < Math.ceil((resources - hub) / PER_MODULE); n++) {
    const module = `module.team_${n}`
    const [vpc, subnet, group] = ['aws_vpc.main', 'aws_subnet.a', 'aws_security_group.web'].map(
      (one) => `${module}.${one}`,
    ) as [string, string, string]
    yield rowOf(vpc)
    yield rowOf(subnet, [vpc])
    yield rowOf(group, [vpc])
    yield rowOf(`${module}.aws_instance.web`, [group, subnet, vpc], [group, subnet])
  }
}

function rowOf(address: string, dependencies: string[] = [], directDependencies = dependencies): StateRow {
  return { ...aRow(), key: `lineage|${address}`, id: address, address, dependencies, directDependencies }
}

function micros(ms: number): string {
  return (ms * 1000).toFixed(0)
}
