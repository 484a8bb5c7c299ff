import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, type TestContext, test } from 'vitest'
import { aRecord } from '../connectors/sources/a-record.ts'
import { until } from '../services/until.ts'
import { type InProcess, runInProcess } from './run-in-process.ts'

const SLOW = { timeout: 120_000 }
const held = { id: 'i-0abc123def4567890', instance_type: 't3.micro' }

/** A folder with a state, and the services that run in it; all of it ends with the test. */
function scene({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
  const folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-stores-'))
  const inFolder = (...names: string[]) => path.join(folder, ...names)
  const running: InProcess[] = []
  const disks: string[] = []
  mkdirSync(inFolder('events'))
  const provider = 'provider["registry.terraform.io/hashicorp/aws"]'
  const instances = [{ schema_version: 0, attributes: held }]
  const resources = [{ mode: 'managed', type: 'aws_instance', name: 'a', provider, instances }]
  writeFileSync(
    inFolder('a.tfstate'),
    JSON.stringify({ version: 4, serial: 1, lineage: 'a', outputs: {}, resources }),
  )

  async function start(dataDir = inFolder('data')): Promise<InProcess> {
    const started = await runInProcess(folder, {
      dataDir,
      sources: [{ kind: 'cloudtrail-files', paths: [inFolder('events')], watch: true }],
      states: [{ kind: 'file', path: inFolder('a.tfstate') }],
      alerts: { info: true },
      sinks: { file: { kind: 'siem-file', path: inFolder('alerts.ndjson') } },
    })
    running.push(started)
    return started
  }

  /** A fresh event that differs from the state; returns its id. */
  function happen(more: object = {}): string {
    const eventID = randomUUID()
    const requestParameters = { instanceId: held.id, instanceType: { value: 't3.large' }, ...more }
    writeFileSync(inFolder(`${eventID}.json`), JSON.stringify(aRecord({ eventID, requestParameters })))
    renameSync(inFolder(`${eventID}.json`), inFolder('events', `${eventID}.json`))
    return eventID
  }

  /** The lines of the sink that tell of this event. */
  function told(id: string): string[] {
    const file = inFolder('alerts.ndjson')
    if (!existsSync(file)) return []
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes(id))
  }

  /** It becomes an alert that has been compared with the state, so that the state table is known to be whole. */
  async function becomesAlert(id: string): Promise<void> {
    const line = await until(`the alert of ${id}`, () => told(id)[0])
    expect(line).toContain('aws_instance.a')
  }

  /** A small file system of its own for the data; returns where it is. */
  function smallDisk(): string {
    const disk = inFolder('disk')
    mkdirSync(disk)
    mount(disk, '96m')
    disks.push(disk)
    return disk
  }

  onTestFinished(async () => {
    for (const one of running) await one.stop()
    for (const disk of disks) unmount(disk)
    rmSync(folder, { recursive: true, force: true })
  })
  return { inFolder, start, happen, told, becomesAlert, smallDisk }
}

describe.concurrent('a store', () => {
  test('of tables that is damaged is built again, and nothing is told twice', SLOW, async (context) => {
    const { inFolder, start, happen, told, becomesAlert } = scene(context)
    const first = await start()
    const before = happen()
    await becomesAlert(before)
    expect(await first.stop()).toBe(0)
    writeFileSync(inFolder('data', 'tables', 'CURRENT'), 'garbage')

    const second = await start()
    expect(second.log()).toMatch(/"the store is damaged: it was moved away and will be built again"/)
    expect(readdirSync(inFolder('data')).filter((name) => name.startsWith('tables.bad-'))).toHaveLength(1)
    await becomesAlert(happen())
    expect(told(before)).toHaveLength(1)
  })

  test(
    'of the log that is damaged ends run with its folder and the fix, untouched',
    SLOW,
    async (context) => {
      const { inFolder, start, happen, becomesAlert } = scene(context)
      const first = await start()
      await becomesAlert(happen())
      expect(await first.stop()).toBe(0)
      const log = inFolder('data', 'log')
      writeFileSync(path.join(log, 'CURRENT'), 'garbage')

      const refusal = await start().catch(String)
      expect(refusal).toContain('run ended with 1')
      expect(refusal).toMatch(/data\/log is damaged .*restore it from a backup, or move it away/)
      expect(readFileSync(path.join(log, 'CURRENT'), 'utf8')).toBe('garbage')

      // The fix that it names.
      renameSync(log, `${log}.away`)
      await start()
      await becomesAlert(happen())
    },
  )

  test('of tables that belongs to another log is built again from this one', SLOW, async (context) => {
    const { inFolder, start, happen, becomesAlert } = scene(context)
    const first = await start()
    await becomesAlert(happen())
    expect(await first.stop()).toBe(0)
    mkdirSync(inFolder('other'))
    renameSync(inFolder('data', 'tables'), inFolder('other', 'tables'))

    const second = await start(inFolder('other'))
    expect(second.log()).toContain('"reason":"another cluster"')
    await becomesAlert(happen())
  })

  test('that another process holds is free when that ends', SLOW, async (context) => {
    const { start, happen, becomesAlert } = scene(context)
    const first = await start()
    const refusal = await start().catch(String)
    expect(refusal).toMatch(/run ended with 1: .*data\/log is in use by another process/s)
    await becomesAlert(happen())
    expect(await first.stop()).toBe(0)
    await start()
    await becomesAlert(happen())
  })

  test('on a full disk says so, and tells all, once, when there is space', SLOW, async (context) => {
    context.skip(!mayMount(), 'only root may make a small disk')
    const { start, happen, told, becomesAlert, smallDisk } = scene(context)
    const disk = smallDisk()
    const service = await start(path.join(disk, 'data'))
    await becomesAlert(happen())
    const filler = path.join(disk, 'filler')
    expect(() => writeFileSync(filler, Buffer.alloc(128 * 1024 * 1024))).toThrow('ENOSPC')

    // RocksDB has set space aside, which must be used up first.
    const padding = () => Array.from({ length: 1_000 }, () => randomUUID().repeat(5))
    const ids = Array.from({ length: 120 }, () => happen({ padding: padding() }))
    const said = /cannot grow: the disk is full .*free some space on that disk/
    await until('the log says so', () => said.test(service.log()) || undefined)
    expect(ids.every((id) => told(id).length > 0)).toBe(false)

    rmSync(filler)
    for (const id of ids) await becomesAlert(id)
    await becomesAlert(happen())
    for (const id of ids) expect(told(id)).toHaveLength(1)
  })
})

function mayMount(): boolean {
  const there = mkdtempSync(path.join(tmpdir(), 'tfdrift-mount-'))
  try {
    mount(there, '1m')
    unmount(there)
    return true
  } catch {
    return false
  } finally {
    rmSync(there, { recursive: true, force: true })
  }
}

function mount(place: string, size: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', place], { stdio: 'ignore' })
}

function unmount(place: string): void {
  execFileSync('umount', [place], { stdio: 'ignore' })
}
