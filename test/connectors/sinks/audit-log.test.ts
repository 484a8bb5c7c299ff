import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runProgram } from '../../../cli/program.ts'
import { alertJson } from '../../../connectors/alert-json.ts'
import { sha256 } from '../../../connectors/sinks/audit-entry.ts'
import { auditLogConfig, auditLogSink, checkAuditLog } from '../../../connectors/sinks/audit-log.ts'
import { verifyAuditLog } from '../../../connectors/sinks/audit-verify.ts'
import type { AlertState, Severity } from '../../../schemas/types.ts'
import { testIo } from '../../support/test-io.ts'
import { aDiff, anAlertJson, aSignal } from '../an-alert.ts'

const live = new AbortController().signal
let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'))
  path = join(folder, 'audit.ndjson')
})

afterEach(() => rm(folder, { recursive: true }))

/** A new one is a process that has been started again. */
const sink = (changes: object = {}) => auditLogSink(auditLogConfig.parse({ path, ...changes }))
const alerts = (...ids: string[]) => ids.map((id) => anAlertJson({ id }))
const append = (...ids: string[]) => sink().deliver(alerts(...ids), live)
const verify = (expected = {}) => verifyAuditLog(path, { from: 1, ...expected })
const lines = async (file = path) => (await readFile(file, 'utf8')).split('\n')
const entries = async (file = path) =>
  (await lines(file)).flatMap((line) => (line.endsWith('}') ? JSON.parse(line) : []))

async function tfdrift(...args: string[]) {
  const io = testIo()
  return { code: await runProgram(['audit', 'verify', ...args], io), out: io.out(), err: io.err() }
}

describe('a log', () => {
  it('holds every status of every alert, of every severity, as it is', async () => {
    const statuses: AlertState[] = ['open', 'changed', 'acknowledged', 'suppressed', 'expired', 'resolved']
    const severities: Severity[] = ['critical', 'high', 'medium', 'low', 'info']
    const all = [
      ...severities.flatMap((severity) =>
        statuses.map((status) => anAlertJson({ id: severity, severity, status })),
      ),
      alertJson(aSignal()),
    ]
    await sink().deliver(all, live)
    expect((await entries()).map(({ alert }) => alert)).toEqual(all)
    expect(await verify()).toMatchObject({ entries: 31, fault: null })
  })

  it('is a chain, which another process goes on with', async () => {
    await append('a', 'b')
    await append('c')
    const [a, b, c] = await entries()
    expect([a.seq, b.seq, c.seq]).toEqual([1, 2, 3])
    expect([a.prev, b.prev, c.prev]).toEqual(['0'.repeat(64), a.hash, b.hash])
  })

  it('has no value of a sensitive diff', async () => {
    const diffs = [aDiff({ oldValue: 'hunter1', newValue: 'hunter2', sensitive: true })]
    await sink().deliver([anAlertJson({ diffs })], live)
    expect(await readFile(path, 'utf8')).not.toContain('hunter')
  })

  it('is readable by the owner and the group only', async () => {
    await append('a')
    expect((await stat(path)).mode & 0o007).toBe(0)
  })

  it('takes each status of an alert once, whoever hands it over again', async () => {
    const one = sink()
    await one.deliver(alerts('a', 'b'), live)
    await one.deliver(alerts('a', 'b'), live)
    await append('a', 'b', 'c')
    expect(await entries()).toHaveLength(3)
  })

  it('is not continued where its last line was changed, and says what to do', async () => {
    await append('a')
    await writeFile(path, (await readFile(path, 'utf8')).replace('critical', 'low'))
    await expect(append('b')).rejects.toMatchObject({
      retryable: true,
      message: `${path} cannot be continued (broken): see tfdrift audit verify; moved away, a new chain begins`,
    })
    expect(await lines()).toHaveLength(2)
    expect(await checkAuditLog(auditLogConfig.parse({ path }))).toMatchObject([{ ok: false }])
  })

  it('names the fix where its folder is missing', async () => {
    path = join(folder, 'missing', 'audit.ndjson')
    await expect(append('a')).rejects.toMatchObject({
      message: `${path} cannot be written (ENOENT): create its folder`,
      retryable: true,
    })
  })
})

describe('a writer that is killed', () => {
  it('at any byte of a batch loses nothing, and writes nothing twice', async () => {
    await append('before')
    const { size } = await stat(path)
    await append('a', 'b')
    const whole = await readFile(path)
    const first = whole.indexOf('\n', size)
    const points = [1, 2, 40, first - size - 1, first - size, first - size + 1, first - size + 2]
    for (const end of [...points.map((point) => size + point), whole.length - 1]) {
      await writeFile(path, whole.subarray(0, end))
      expect(await verify(), `${end}`).toMatchObject({ fault: null })
      await append('a', 'b')
      expect(await verify(), `${end}`).toMatchObject({ entries: 3, fault: null })
    }
  })

  it('again and again, also while it mends the line, leaves a chain', async () => {
    await append('a')
    await appendFile(path, '{"seq":2,"at"')
    for (const piece of [' (to', ' (torn)\n', '{"seq"', ' (torn)\n{"seq":2,"at":"2026']) {
      await appendFile(path, piece)
      expect(await verify()).toMatchObject({ entries: 1, fault: null })
    }
    await append('b', 'c')
    expect(await verify()).toMatchObject({ entries: 3, torn: 3, fault: null })
    expect((await entries()).map(({ torn }) => typeof torn)).toEqual(['undefined', 'string', 'undefined'])
  })

  it('in its first line begins again', async () => {
    await writeFile(path, '{"seq":1')
    await append('a')
    expect(await verify()).toMatchObject({ entries: 1, torn: 1, fault: null })
  })

  it('after it has moved the full file away goes on in a new one', async () => {
    await append('a', 'b')
    await rename(path, `${path}.000000000002`)
    await append('b', 'c')
    expect((await entries()).map(({ seq }) => seq)).toEqual([3])
    expect(await verify()).toMatchObject({ files: 2, entries: 3, fault: null })
  })
})

describe('a full file', () => {
  it('is moved to a name that is never used again, and the chain goes on', async () => {
    const small = sink({ maxBytes: 1 })
    for (const id of ['a', 'b', 'c']) await small.deliver(alerts(id), live)
    expect((await readdir(folder)).sort()).toEqual([
      basename(path),
      `${basename(path)}.000000000001`,
      `${basename(path)}.000000000002`,
    ])
    expect(await verify()).toMatchObject({ files: 3, entries: 3, fault: null })
  })

  it('never replaces another', async () => {
    await append('a')
    await writeFile(`${path}.000000000001`, 'somebody else’s')
    await expect(sink({ maxBytes: 1 }).deliver(alerts('b'), live)).rejects.toMatchObject({ retryable: true })
    expect(await lines(`${path}.000000000001`)).toEqual(['somebody else’s'])
  })
})

describe('tfdrift audit verify', () => {
  beforeEach(() => append('a', 'b', 'c', 'd'))

  it('says how far the chain goes, and where its head is', async () => {
    const { hash } = (await entries()).at(-1)
    expect(await tfdrift(path)).toEqual({
      code: 0,
      out: `${path}: ok, 4 entries in 1 file, head ${hash}\n`,
      err: '',
    })
  })

  const changes: [string, (lines: string[]) => string[], number][] = [
    ['changed', ([a, b, ...more]) => [a!, b!.replace('alice', 'mallo'), ...more], 2],
    ['changed and hashed anew', ([a, b, ...more]) => [a!, rehashed(b!), ...more], 3],
    ['taken out', ([a, , ...more]) => [a!, ...more], 2],
    ['put in twice', ([a, ...more]) => [a!, a!, ...more], 2],
    ['put in', ([a, ...more]) => [a!, '{"seq":2}', ...more], 2],
    ['marked as torn', ([a, b, ...more]) => [a!, `${b} (torn)`, ...more], 3],
    ['emptied', ([a, , ...more]) => [a!, '', ...more], 2],
    ['swapped with its neighbour', ([a, b, c, ...more]) => [a!, c!, b!, ...more], 2],
    ['the first and taken out', ([, ...more]) => more, 1],
    ['the last and cut before its end', ([a, b, c, d, ...more]) => [a!, b!, c!, d!.slice(0, -1), ...more], 4],
  ]
  it.each(changes)('names the first broken line where one is %s', async (_, change, line) => {
    await writeFile(path, change(await lines()).join('\n'))
    const { code, out, err } = await tfdrift(path)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(new RegExp(`^${path}:${line}: `))
  })

  it('notices a cut at the end by a head that was noted, and archived files by the first entry', async () => {
    const { hash } = (await entries()).at(-1)
    expect(await tfdrift(path, '--contains', hash)).toMatchObject({ code: 0 })
    const [a, b, c, d] = await lines()
    await writeFile(path, `${a}\n${b}\n${c}\n`)
    expect(await tfdrift(path, '--contains', hash)).toMatchObject({
      code: 1,
      err: expect.stringContaining(':3: '),
    })
    await writeFile(path, `${c}\n${d}\n`)
    expect(await tfdrift(path)).toMatchObject({ code: 1, err: `${path}:1: is entry 3 where 1 should be\n` })
    expect(await tfdrift(path, '--from', '3')).toMatchObject({ code: 0 })
  })

  it('notices a rotated file that is missing', async () => {
    const small = sink({ maxBytes: 1 })
    for (const id of ['e', 'f']) await small.deliver(alerts(id), live)
    await rm(`${path}.000000000005`)
    expect(await tfdrift(path)).toMatchObject({ code: 1, err: `${path}:1: is entry 6 where 5 should be\n` })
  })

  it('takes its logs from the configuration where none is named', async () => {
    const config = join(folder, 'tfdrift.yaml')
    await writeFile(config, `sinks:\n  audit: { kind: audit-log, path: ${path} }\n`)
    expect(await tfdrift('--config', config)).toMatchObject({
      code: 0,
      out: expect.stringContaining('4 entries'),
    })
  })

  it('says so where there is no log', async () => {
    await truncate(path)
    expect(await tfdrift(path)).toMatchObject({ code: 0, out: expect.stringContaining(' 0 entries') })
    await rm(path)
    expect(await tfdrift(path)).toMatchObject({ code: 1, err: `${path}:0: there is no such log\n` })
    expect(await tfdrift(join(folder, 'no', 'x'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('ENOENT'),
    })
  })
})

/** As somebody would do who knows how the hash is made. */
function rehashed(line: string): string {
  const body = `${line.replace('alice', 'mallo').replace(/,"hash":"\w+"}$/, '')}}`
  return `${body.slice(0, -1)},"hash":"${sha256(body)}"}`
}
