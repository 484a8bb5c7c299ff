import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStoreOrRebuild } from '../../streams/open-store.ts'
import { openRocksStore } from '../../streams/rocks-store.ts'
import type { Store, StoreErrorCode } from '../../streams/store.ts'

const logged: string[] = []
const write = (_: object, message: string) => void logged.push(message)
const log = { debug: write, info: write, warn: write, error: write }

let root: string
let count = 0
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'tfdrift-rocks-'))
})
afterAll(() => rm(root, { recursive: true }))
const newDir = () => path.join(root, `store-${count++}`)

const refused = (code: StoreErrorCode, dir: string) =>
  expect.objectContaining({ name: 'StoreError', code, message: expect.stringContaining(dir) })

/** A closed store of a thousand rows, most of them in a table file. */
async function filled(): Promise<string> {
  const dir = newDir()
  const store = await openRocksStore(dir, ['rows'])
  for (let batch = 0; batch < 10; batch++) {
    const keys = Array.from({ length: 100 }, (_, index) => `key-${batch}-${index}`)
    await store.apply(keys.map((key) => ({ family: 'rows', key, value: Buffer.alloc(100, key) })))
  }
  await store.close()
  // Opening it again moves the rows from the write-ahead log into a table.
  await (await openRocksStore(dir, ['rows'])).close()
  return dir
}

async function keysOf(store: Store): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.iterate('rows')) keys.push(String(key))
  return keys
}

async function fileOf(dir: string, pattern: RegExp): Promise<string> {
  return path.join(dir, (await readdir(dir)).find((file) => pattern.test(file))!)
}

/** Overwrites bytes all over the first part of a file, so that its index at the end stays whole. */
async function damage(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  const { size } = await handle.stat()
  for (let at = 100; at < size / 2; at += 1_000) await handle.write('damage', at)
  await handle.close()
}

describe('a RocksDB store', () => {
  it('holds after a restart what it held, under families that were added since, too', async () => {
    const dir = await filled()
    const store = await openRocksStore(dir, ['more', 'rows'])
    expect(await keysOf(store)).toHaveLength(1_000)
    await store.close()
  })

  it('is refused to a second opener, here or in another process', async () => {
    const dir = await filled()
    const store = await openRocksStore(dir, ['rows'])
    await expect(openRocksStore(dir, ['rows'])).rejects.toEqual(refused('LOCKED', dir))
    await expect(openStoreOrRebuild(dir, ['rows'], log)).rejects.toEqual(refused('LOCKED', dir))
    await store.close()

    const holder = spawn(process.execPath, ['-e', script(holdOpen), dir])
    await once(holder.stdout, 'data')
    await expect(openRocksStore(dir, ['rows'])).rejects.toEqual(refused('LOCKED', dir))
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    await (await openRocksStore(dir, ['rows'])).close()
  })

  it('names a file that is in the place of the directory', async () => {
    const file = path.join(root, 'file')
    await writeFile(file, '')
    await expect(openRocksStore(file, [])).rejects.toEqual(refused('NO_PERMISSION', file))
    const below = path.join(file, 'store')
    await expect(openStoreOrRebuild(below, [], log)).rejects.toEqual(refused('NO_PERMISSION', below))
  })

  it('says which directory may not be written', async () => {
    // No user may make a directory there, whatever the machine.
    await expect(openRocksStore('/dev/null/store', [])).rejects.toEqual(
      refused('NO_PERMISSION', '/dev/null/store'),
    )
  })

  it('holds every acknowledged batch after its process was killed', async () => {
    const dir = newDir()
    const writer = spawn(process.execPath, ['-e', script(writeForEver), dir])
    let acknowledged = 0
    for await (const chunk of writer.stdout) {
      acknowledged = Number(String(chunk).trim().split('\n').at(-1))
      if (acknowledged > 200) break
    }
    writer.kill('SIGKILL')
    await once(writer, 'exit')

    const store = await openRocksStore(dir, ['rows', 'position'])
    const position = Number((await store.getMany('position', ['batch']))[0])
    expect(position).toBeGreaterThanOrEqual(acknowledged)
    expect(await keysOf(store)).toHaveLength(10 * position)
    await store.close()
  })

  it('says that the disk is full', async () => {
    const dir = newDir()
    const store = await openRocksStore(dir, ['rows'])
    // The write-ahead log goes on in a new file after 16 MB: whichever number that has, the device is full.
    const numbers = Array.from({ length: 30 }, (_, index) => String(index + 10).padStart(6, '0'))
    await Promise.all(numbers.map((number) => symlink('/dev/full', path.join(dir, `${number}.log`))))
    const write = async () => {
      for (let megabytes = 0; megabytes < 64; megabytes++) {
        await store.apply([{ family: 'rows', key: 'key', value: Buffer.alloc(1024 * 1024) }])
      }
    }
    await expect(write()).rejects.toEqual(refused('NO_SPACE', dir))
    await store.close()
  })
})

describe('opening a store that can be rebuilt', () => {
  const damages: [string, (dir: string) => Promise<unknown>][] = [
    ['whose CURRENT is garbage', (dir) => writeFile(path.join(dir, 'CURRENT'), 'garbage')],
    ['whose CURRENT is missing', (dir) => rm(path.join(dir, 'CURRENT'))],
    ['whose manifest is missing', async (dir) => rm(await fileOf(dir, /^MANIFEST/))],
    ['whose manifest is empty', async (dir) => writeFile(await fileOf(dir, /^MANIFEST/), '')],
    [
      'whose manifest is garbage',
      async (dir) => writeFile(await fileOf(dir, /^MANIFEST/), Buffer.alloc(500, 7)),
    ],
    ['whose table is missing', async (dir) => rm(await fileOf(dir, /\.sst$/))],
    ['whose table is cut off', async (dir) => writeFile(await fileOf(dir, /\.sst$/), 'short')],
    [
      'whose table is garbage',
      async (dir) => {
        const table = await fileOf(dir, /\.sst$/)
        await writeFile(table, Buffer.alloc((await readFile(table)).length))
      },
    ],
  ]

  it.each(damages)('moves one away %s, and opens an empty one in its place', async (_, harm) => {
    const dir = await filled()
    await harm(dir)
    await expect(openRocksStore(dir, ['rows'])).rejects.toEqual(refused('CORRUPT', dir))
    let rebuilds = 0
    const store = await openStoreOrRebuild(dir, ['rows'], log, () => rebuilds++)
    expect(await keysOf(store)).toEqual([])
    expect(rebuilds).toBe(1)
    expect(logged.at(-1)).toMatch(/moved away/)
    await store.close()
    const moved = (await readdir(root)).find((name) => name.startsWith(`${path.basename(dir)}.bad-`))!
    expect(await readFile(path.join(root, moved, 'REASON'), 'utf8')).toContain(dir)
  })

  it('finds damage when it reads, throws, and rebuilds at the next start', async () => {
    const dir = await filled()
    await damage(await fileOf(dir, /\.sst$/))
    const store = await openStoreOrRebuild(dir, ['rows'], log)
    await expect(keysOf(store)).rejects.toEqual(refused('CORRUPT', dir))
    await store.close()
    const rebuilt = await openStoreOrRebuild(dir, ['rows'], log)
    expect(await keysOf(rebuilt)).toEqual([])
    await rebuilt.close()
    await (await openStoreOrRebuild(dir, ['rows'], log)).close()
  })

  it('leaves one alone that is whole', async () => {
    const dir = await filled()
    const store = await openStoreOrRebuild(dir, ['rows'], log)
    expect(await keysOf(store)).toHaveLength(1_000)
    await store.close()
  })
})

/** A program for another process, which Node 20 must be able to run: plain JavaScript, on the package alone. */
function script(body: string): string {
  const module = createRequire(import.meta.url).resolve('rocksdb-native')
  return `const RocksDB = require(${JSON.stringify(module)}); const db = new RocksDB(process.argv[1]); ${body}`
}

const holdOpen = `db.ready().then(() => setInterval(() => console.log('open'), 100))`

/** Batches of ten rows with their number, as streams/rocks-store.ts writes them; the number is printed when it is stored. */
const writeForEver = `(async () => {
  await db.ready()
  for (let batch = 1; ; batch++) {
    const write = db.write({ autoDestroy: true })
    for (let row = 0; row < 10; row++) write.tryPut('rows\\0' + batch + '-' + row, Buffer.alloc(1000))
    write.tryPut('position\\0batch', String(batch))
    await write.flush()
    process.stdout.write(batch + '\\n')
  }
})()`
