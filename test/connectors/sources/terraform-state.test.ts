import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Source } from '../../../connectors/source.ts'
import { fileStore } from '../../../connectors/sources/terraform-state/stores/file.ts'
import { terraformState } from '../../../connectors/sources/terraform-state.ts'
import { until } from '../../services/until.ts'
import { aContext, type TestContext } from './a-context.ts'
import { hashKey, type Json } from './a-record.ts'
import { tempFolder } from './temp-folder.ts'

interface StateText {
  serial?: number
  lineage?: string
  /** Ids by name of aws_vpc. */
  vpcs: Record<string, string>
}

function text({ serial = 1, lineage = 'l', vpcs }: StateText): string {
  const resources = Object.entries(vpcs).map(([name, id]) => ({
    mode: 'managed',
    type: 'aws_vpc',
    name,
    instances: [{ attributes: { id } }],
  }))
  return JSON.stringify({ version: 4, serial, lineage, resources })
}

let clock = 0

/** Replaces a file as Terraform does, with a modification time of its own. */
function write(file: string, content: string): void {
  writeFileSync(`${file}.new`, content)
  utimesSync(`${file}.new`, new Date(), new Date(1_700_000_000_000 + 1_000 * clock++))
  renameSync(`${file}.new`, file)
}

async function start(
  context: TestContext,
  states: { path: string; account?: string; acceptShrink?: boolean }[],
  key = hashKey,
): Promise<Source> {
  const settings = states.map(({ path, acceptShrink = false, account }) => ({
    store: fileStore({ path, acceptShrink }),
    acceptShrink,
    account,
  }))
  const source = terraformState({ states: settings, pollMs: 10, hashKey: key })
  await source.start(context)
  onTestFinished(() => source.stop())
  return source
}

/** The keys published so far, in order, with what stands under each. */
function published(context: TestContext): [key: string, content: unknown][] {
  return context.outputs.flatMap(({ snapshots = [] }) =>
    snapshots.map(({ key, value }): [string, unknown] => [
      key,
      value && (value.resource?.id ?? { count: value.count, serial: value.serial }),
    ]),
  )
}

/** Waits until the marker of that serial (or a tombstone of a marker) is the last that has been published. */
async function untilMarker(context: TestContext, serial: number, count = 1): Promise<void> {
  await until(`marker of serial ${serial}`, () => {
    const markers = published(context).filter(([, content]) => (content as Json | null)?.serial === serial)
    return markers.length >= count || undefined
  })
}

/** What the log holds at the end: the newest of each key. */
function table(...contexts: TestContext[]): Record<string, unknown> {
  const newest = new Map(contexts.flatMap(published))
  return Object.fromEntries([...newest].filter(([, content]) => content !== null))
}

test('a state that the log has lost is published again, what has gone meanwhile included, and no other', async () => {
  const folder = tempFolder()
  const [lost, whole] = ['lost', 'whole'].map((name) => path.join(folder, `${name}.tfstate`)) as [
    string,
    string,
  ]
  write(lost, text({ lineage: 'a', vpcs: { stays: 'vpc-1', gone: 'vpc-2' } }))
  write(whole, text({ lineage: 'b', vpcs: { other: 'vpc-3' } }))
  const states = [{ path: lost }, { path: whole }]
  const before = aContext()
  const first = await start(before, states)
  await untilMarker(before, 1, 2)
  await first.stop()

  write(lost, text({ serial: 2, lineage: 'a', vpcs: { stays: 'vpc-1' } }))
  const after = aContext(before.kept)
  after.isLost = async (source) => source === lost
  await start(after, states)
  await untilMarker(after, 2)
  expect(published(after)).toEqual([
    ['a|aws_vpc.stays', 'vpc-1'],
    ['a|aws_vpc.gone', null],
    ['__sync|a', { count: 1, serial: 2 }],
  ])
})

test('a lock that is held beside a state is told once, and that it is held no more, behind the state itself', async () => {
  const folder = tempFolder()
  const file = path.join(folder, 'a.tfstate')
  const lock = path.join(folder, '.a.tfstate.lock.info')
  const key = `__sync|lock|${file}`
  write(file, text({ vpcs: { web: 'vpc-1' } }))
  writeFileSync(lock, '{}')
  const context = aContext()
  const source = await start(context, [{ path: file }])
  await until('the lock', () => published(context).some(([one]) => one === key) || undefined)
  await source.stop()

  const next = aContext(context.kept)
  next.isLocked = async (state) => state === file
  write(file, text({ serial: 2, vpcs: { web: 'vpc-2' } }))
  rmSync(lock)
  await start(next, [{ path: file }])
  await until('the release', () => published(next).some(([one]) => one === key) || undefined)
  expect(published(next)).toEqual([
    ['l|aws_vpc.web', 'vpc-2'],
    ['__sync|l', { count: 1, serial: 2 }],
    [key, null],
  ])
  expect(published(context).filter(([one]) => one === key)).toHaveLength(1)
})

test('R48 a new serial publishes what has changed, then tombstones, then the marker', async () => {
  const file = path.join(tempFolder(), 'a.tfstate')
  write(file, text({ serial: 1, vpcs: { same: 'vpc-1', changed: 'vpc-2', gone: 'vpc-3' } }))
  const context = aContext()
  await start(context, [{ path: file }])
  await untilMarker(context, 1)
  const before = published(context).length
  expect(before).toBe(4)
  write(file, text({ serial: 2, vpcs: { same: 'vpc-1', changed: 'vpc-2b', added: 'vpc-4' } }))
  await untilMarker(context, 2)
  expect(published(context).slice(before)).toEqual([
    ['l|aws_vpc.changed', 'vpc-2b'],
    ['l|aws_vpc.added', 'vpc-4'],
    ['l|aws_vpc.gone', null],
    ['__sync|l', { count: 3, serial: 2 }],
  ])
})

test('R12 the modification time of the file is when the state was captured', async () => {
  const file = path.join(tempFolder(), 'a.tfstate')
  write(file, text({ vpcs: { a: 'vpc-1' } }))
  utimesSync(file, new Date(), new Date(1_700_000_000_123))
  const context = aContext()
  await start(context, [{ path: file, account: '123456789012' }])
  await untilMarker(context, 1)
  expect(context.outputs[0]!.snapshots![0]!.value).toMatchObject({
    capturedAt: 1_700_000_000_123,
    source: file,
    resource: { account: '123456789012' },
  })
})

test('a file that is only touched publishes nothing, another content under the same serial does', async () => {
  const file = path.join(tempFolder(), 'a.tfstate')
  write(file, text({ vpcs: { a: 'vpc-1' } }))
  const context = aContext()
  await start(context, [{ path: file }])
  await untilMarker(context, 1)
  write(file, text({ vpcs: { a: 'vpc-1' } }))
  write(file, text({ vpcs: { a: 'vpc-2' } }))
  await untilMarker(context, 1, 2)
  expect(published(context).slice(2)).toEqual([
    ['l|aws_vpc.a', 'vpc-2'],
    ['__sync|l', { count: 1, serial: 1 }],
  ])
})

test('R48 an older serial of the same lineage is left alone, with one line in the log', async () => {
  const file = path.join(tempFolder(), 'a.tfstate')
  write(file, text({ serial: 5, vpcs: { a: 'vpc-1' } }))
  const context = aContext()
  await start(context, [{ path: file }])
  await untilMarker(context, 5)
  write(file, text({ serial: 4, vpcs: {} }))
  await until('a warning', () => context.logged.some(({ level }) => level === 'warn') || undefined)
  write(file, text({ serial: 6, vpcs: { a: 'vpc-1', b: 'vpc-2' } }))
  await untilMarker(context, 6)
  expect(table(context)).toEqual({
    'l|aws_vpc.a': 'vpc-1',
    'l|aws_vpc.b': 'vpc-2',
    '__sync|l': { count: 2, serial: 6 },
  })
  expect(context.logged.map(({ message }) => message)).toEqual([
    expect.stringContaining('serial 4 is older than 5'),
  ])
})

test('R48 another lineage at the same path takes the old one back', async () => {
  const file = path.join(tempFolder(), 'a.tfstate')
  write(file, text({ serial: 9, lineage: 'old', vpcs: { a: 'vpc-1' } }))
  const context = aContext()
  await start(context, [{ path: file }])
  await untilMarker(context, 9)
  write(file, text({ serial: 2, lineage: 'new', vpcs: { a: 'vpc-1' } }))
  await untilMarker(context, 2)
  expect(table(context)).toEqual({ 'new|aws_vpc.a': 'vpc-1', '__sync|new': { count: 1, serial: 2 } })
})

test('a state that is broken, empty or gone keeps its records, and the others are read', async () => {
  const folder = tempFolder()
  const [bad, good] = [path.join(folder, 'bad'), path.join(folder, 'good')]
  write(bad, text({ lineage: 'bad', vpcs: { a: 'vpc-1' } }))
  write(good, text({ lineage: 'good', serial: 1, vpcs: { a: 'vpc-2' } }))
  const context = aContext()
  const source = await start(context, [{ path: bad }, { path: good }])
  await until('both', () => Object.keys(table(context)).length === 4 || undefined)
  const held = table(context)
  let serial = 2
  for (const damage of [() => write(bad, ''), () => write(bad, '{"version": 4, "reso'), () => rmSync(bad)]) {
    damage()
    write(good, text({ lineage: 'good', serial, vpcs: { a: 'vpc-2' } }))
    await untilMarker(context, serial++)
    await until('unhealthy', () => !source.healthy() || undefined)
  }
  expect(table(context)).toEqual({ ...held, '__sync|good': { count: 1, serial: 4 } })
  write(bad, text({ lineage: 'bad', serial: 2, vpcs: {} }))
  await until('healthy', () => source.healthy() || undefined)
  expect(table(context)).toMatchObject({ '__sync|bad': { count: 0 } })
  const errors = context.logged.map(({ fields }) => String(fields.error))
  expect(errors).toEqual([
    expect.stringContaining('the file is empty'),
    expect.stringContaining('only a part of it'),
    expect.stringContaining('there is no such file'),
  ])
})

test('it starts as long as one of its states is there', async () => {
  const file = path.join(tempFolder(), 'a.tfstate')
  write(file, text({ vpcs: { a: 'vpc-1' } }))
  const context = aContext()
  const source = await start(context, [{ path: `${file}.missing` }, { path: file }])
  await untilMarker(context, 1)
  expect(source.healthy()).toBe(false)
})

test('a copy of a state is left out, and named', async () => {
  const folder = tempFolder()
  const [first, copy] = [path.join(folder, 'first'), path.join(folder, 'copy')]
  write(first, text({ serial: 7, vpcs: { a: 'vpc-1' } }))
  write(copy, text({ serial: 6, vpcs: {} }))
  const context = aContext()
  await start(context, [{ path: first }, { path: copy }])
  await until('a warning', () => context.logged.some(({ level }) => level === 'warn') || undefined)
  expect(context.logged[0]).toMatchObject({
    fields: { state: copy },
    message: expect.stringContaining(`${first} is a state of the same lineage`),
  })
  expect(table(context)).toEqual({ 'l|aws_vpc.a': 'vpc-1', '__sync|l': { count: 1, serial: 7 } })
})

test('a restart publishes nothing anew, and still knows what has vanished meanwhile', async () => {
  const file = path.join(tempFolder(), 'a.tfstate')
  write(file, text({ serial: 1, vpcs: { a: 'vpc-1', b: 'vpc-2' } }))
  const context = aContext()
  const source = await start(context, [{ path: file }])
  await untilMarker(context, 1)
  await source.stop()
  write(file, text({ serial: 2, vpcs: { a: 'vpc-1' } }))
  const next = aContext(context.kept)
  await start(next, [{ path: file }])
  await untilMarker(next, 2)
  expect(published(next)).toEqual([
    ['l|aws_vpc.b', null],
    ['__sync|l', { count: 1, serial: 2 }],
  ])
})

test('another hash key publishes the hashes anew', async () => {
  const file = path.join(tempFolder(), 'a.tfstate')
  const instances = [{ attributes: { id: 'db', password: 'hunter2' } }]
  const resources = [{ mode: 'managed', type: 'aws_db_instance', name: 'a', instances }]
  write(file, JSON.stringify({ version: 4, serial: 1, lineage: 'l', resources }))
  const context = aContext()
  const source = await start(context, [{ path: file }])
  await untilMarker(context, 1)
  await source.stop()
  const next = aContext(context.kept)
  await start(next, [{ path: file }], Buffer.from('another key'))
  await untilMarker(next, 1)
  expect(published(next).map(([key]) => key)).toEqual(['l|aws_db_instance.a', '__sync|l'])
})

test('what a crash left half published is not forgotten, even if it has vanished since', async () => {
  const file = path.join(tempFolder(), 'a.tfstate')
  write(file, text({ serial: 1, vpcs: { a: 'vpc-1' } }))
  const context = aContext()
  const source = await start(context, [{ path: file }])
  await untilMarker(context, 1)
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`n${i}`, `vpc-${i}`]))
  const done = context.outputs.length
  context.whenEmitting = async () => {
    if (context.outputs.length === done + 1) throw new Error('dying')
  }
  write(file, text({ serial: 2, vpcs: { a: 'vpc-1', ...many } }))
  await until('half of it', () => !source.healthy() || undefined)
  const kept = new Map(context.kept)
  await source.stop()
  expect(Object.keys(table(context)).length).toBeGreaterThan(400)
  write(file, text({ serial: 3, vpcs: { a: 'vpc-1' } }))
  const next = aContext(kept)
  await start(next, [{ path: file, acceptShrink: true }])
  await untilMarker(next, 3)
  expect(table(context, next)).toEqual({ 'l|aws_vpc.a': 'vpc-1', '__sync|l': { count: 1, serial: 3 } })
})

test('a state that is configured no more is taken back, but not what another one holds', async () => {
  const folder = tempFolder()
  const [old, moved, other] = ['old', 'moved', 'other'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ]
  write(old, text({ serial: 1, vpcs: { a: 'vpc-1', b: 'vpc-2' } }))
  write(other, text({ serial: 1, lineage: 'other', vpcs: { a: 'vpc-9' } }))
  const context = aContext()
  const source = await start(context, [{ path: old }, { path: other }])
  await until('both', () => Object.keys(table(context)).length === 5 || undefined)
  await source.stop()
  write(moved, text({ serial: 2, vpcs: { a: 'vpc-1' } }))
  const next = aContext(context.kept)
  await start(next, [{ path: moved }])
  await until('the rest gone', () => Object.keys(table(context, next)).length === 2 || undefined)
  expect(table(context, next)).toEqual({ 'l|aws_vpc.a': 'vpc-1', '__sync|l': { count: 1, serial: 2 } })
})
