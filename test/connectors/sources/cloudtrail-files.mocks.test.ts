import { appendFileSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type CloudtrailFilesOptions, cloudtrailFiles } from '../../../connectors/sources/cloudtrail-files.ts'
import { until } from '../../services/until.ts'
import { aContext, type TestContext } from './a-context.ts'
import { aRecord, hashKey } from './a-record.ts'
import { tempFolder } from './temp-folder.ts'

/** Files that the operating system refuses to open; root, whom it refuses nothing, may run these tests. */
const locked = vi.hoisted(() => new Set<string>())
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>()
  return {
    ...fs,
    async readFile(file: string) {
      if (locked.has(file)) throw Object.assign(new Error('permission denied'), { code: 'EACCES' })
      return await fs.readFile(file)
    },
  }
})

const json = (...ids: string[]) => JSON.stringify({ Records: ids.map((eventID) => aRecord({ eventID })) })
const line = (eventID: string) => `${JSON.stringify(aRecord({ eventID }))}\n`

async function start(context: TestContext, options: Partial<CloudtrailFilesOptions>) {
  const source = cloudtrailFiles({ paths: [], watch: false, pollMs: 10, hashKey, ...options })
  await source.start(context)
  onTestFinished(() => source.stop())
  return source
}

function ids(context: TestContext): string[] {
  return context.outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId))
}

async function untilIds(context: TestContext, expected: string[]): Promise<void> {
  await until(`the events ${expected}`, () => ids(context).length >= expected.length || undefined)
  expect(ids(context)).toEqual(expected)
}

/** Makes the file old enough to count as complete. */
function settle(file: string): void {
  utimesSync(file, new Date(), new Date(Date.now() - 60_000))
}

test('reads plain and gzipped files of a folder and its subfolders, in the order of their paths', async () => {
  const folder = tempFolder()
  mkdirSync(path.join(folder, '2026/03/01'), { recursive: true })
  writeFileSync(path.join(folder, '2026/03/01/b.json.gz'), gzipSync(json('b1', 'b2')))
  writeFileSync(path.join(folder, '2026/03/01/a.txt'), line('a1') + line('a2'))
  writeFileSync(path.join(folder, 'z'), json('z1'))
  const context = aContext()
  await start(context, { paths: [folder] })
  await untilIds(context, ['a1', 'a2', 'b1', 'b2', 'z1'])
  expect(context.outputs[0]!.events![0]).toMatchObject({ origin: `${folder}/2026/03/01/a.txt#1` })
})

test('hidden files are left alone', async () => {
  const folder = tempFolder()
  writeFileSync(path.join(folder, '.part'), json('hidden'))
  writeFileSync(path.join(folder, 'whole'), json('seen'))
  const context = aContext()
  await start(context, { paths: [folder] })
  await untilIds(context, ['seen'])
})

test('without watching it reads once and is done', async () => {
  const folder = tempFolder()
  writeFileSync(path.join(folder, 'a'), json('a'))
  const context = aContext()
  const source = await start(context, { paths: [folder] })
  await untilIds(context, ['a'])
  await source.stop()
  expect(source.healthy()).toBe(true)
})

test('a file that is still being written is not read before it rests', async () => {
  const folder = tempFolder()
  const file = path.join(folder, 'a')
  writeFileSync(path.join(folder, 'b'), json('b'))
  settle(path.join(folder, 'b'))
  writeFileSync(file, json('a').slice(0, 100))
  const context = aContext()
  await start(context, { paths: [folder], watch: true, pollMs: 300 })
  await untilIds(context, ['b'])
  writeFileSync(file, json('a'))
  settle(file)
  await untilIds(context, ['b', 'a'])
  expect(context.outputs.flatMap(({ deadLetters = [] }) => deadLetters)).toEqual([])
})

test('a file that grows is read again', async () => {
  const folder = tempFolder()
  const file = path.join(folder, 'a.ndjson')
  writeFileSync(file, line('one'))
  const context = aContext()
  await start(context, { paths: [file], watch: true })
  await untilIds(context, ['one'])
  appendFileSync(file, line('two'))
  await untilIds(context, ['one', 'one', 'two'])
})

test('a file that has been read is not read again, not even after a restart or under another source', async () => {
  const folder = tempFolder()
  writeFileSync(path.join(folder, 'a'), json('a'))
  const context = aContext()
  const first = await start(context, { paths: [folder] })
  await untilIds(context, ['a'])
  await first.stop()
  writeFileSync(path.join(folder, 'b'), json('b'))
  const next = aContext(context.kept)
  await start(next, { paths: [folder] })
  await untilIds(next, ['b'])
})

test('a restart in the middle of a file goes on behind the last batch', async () => {
  const folder = tempFolder()
  const all = Array.from({ length: 1_200 }, (_, i) => `id-${i}`)
  writeFileSync(path.join(folder, 'a'), json(...all))
  const context = aContext()
  context.whenEmitting = async () => {
    if (context.outputs.length === 1) throw new Error('away')
  }
  const source = await start(context, { paths: [folder] })
  await until('a refusal', () => !source.healthy() || undefined)
  await source.stop()
  const next = aContext(context.kept)
  await start(next, { paths: [folder] })
  await until('the rest', () => ids(next).length === 700 || undefined)
  expect([...ids(context), ...ids(next)]).toEqual(all)
})

test('bad records become dead letters with their bytes; skipped ones are counted', async () => {
  const folder = tempFolder()
  const insight = JSON.stringify(aRecord({ eventCategory: 'Insight' }))
  writeFileSync(path.join(folder, 'a'), `${line('one')}{"oops"\n${insight}\n${line('two')}`)
  const context = aContext()
  await start(context, { paths: [folder] })
  await untilIds(context, ['one', 'two'])
  expect(context.outputs.flatMap(({ deadLetters = [] }) => deadLetters)).toEqual([
    {
      origin: `${folder}/a#2`,
      code: 'not-json',
      message: `${folder}/a#2: not JSON: cut off or damaged`,
      bytes: Buffer.from('{"oops"'),
    },
  ])
  expect(context.skipped).toEqual(['insight'])
})

test('a batch of large records stays small', async () => {
  const folder = tempFolder()
  const noise = 'x'.repeat(900_000)
  const records = Array.from({ length: 10 }, (_, i) => aRecord({ eventID: `id-${i}`, noise }))
  writeFileSync(path.join(folder, 'a'), JSON.stringify({ Records: records }))
  const context = aContext()
  await start(context, { paths: [folder] })
  await until('all', () => ids(context).length === 10 || undefined)
  expect(context.outputs.map(({ events }) => events!.length)).toEqual([5, 5])
})

test('one path that goes away does not stop the others', async () => {
  const [gone, there] = [tempFolder(), tempFolder()]
  const context = aContext()
  const source = await start(context, { paths: [gone, there], watch: true })
  renameSync(gone, `${gone}-moved`)
  await until('unhealthy', () => !source.healthy() || undefined)
  writeFileSync(path.join(there, 'a'), json('a'))
  settle(path.join(there, 'a'))
  await untilIds(context, ['a'])
  renameSync(`${gone}-moved`, gone)
  await until('healthy', () => source.healthy() || undefined)
})

test('a file that may not be read is logged once, and read when it may', async () => {
  const folder = tempFolder()
  const file = path.join(folder, 'a')
  writeFileSync(file, json('a'))
  settle(file)
  locked.add(file)
  const context = aContext()
  await start(context, { paths: [folder], watch: true })
  await until('a warning', () => context.logged.some(({ level }) => level === 'warn') || undefined)
  locked.delete(file)
  await untilIds(context, ['a'])
  expect(context.logged).toHaveLength(1)
})

test('an error of the log is told by its kind, never by its words', async () => {
  const folder = tempFolder()
  writeFileSync(path.join(folder, 'a'), json('a'))
  const context = aContext()
  let failures = 0
  context.whenEmitting = async () => {
    if (failures++ < 3) throw Object.assign(new Error('hunter2 was refused'), { code: 'ECONNREFUSED' })
  }
  await start(context, { paths: [folder] })
  await untilIds(context, ['a'])
  expect(context.logged).toEqual([
    {
      level: 'error',
      fields: { source: 'cloudtrail-files', error: 'the log did not take the records (Error ECONNREFUSED)' },
      message: 'a look at the source failed; trying again',
    },
  ])
})
