import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadConfig } from '../../cli/config/load.ts'
import { resolveSecrets } from '../../cli/config/secrets.ts'
import { runProgram } from '../../cli/program.ts'
import { openBus } from '../../cli/service/open-bus.ts'
import { topicConfigs } from '../../cli/service/topic-configs.ts'
import { topicSettings } from '../../cli/service/topic-settings.ts'
import { deadLetter } from '../../streams/dead-letters.ts'
import { quietLog } from '../connectors/quiet-log.ts'
import { testIo } from '../support/test-io.ts'

const bytes = Buffer.from([0x7b, 0xff, 0x00, 0xfe, 0x0a])
let folder = ''
let file = ''

/** A data directory in which a service has left one dead letter. */
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-letters-'))
  file = path.join(folder, 'tfdrift.yaml')
  writeFileSync(file, `dataDir: ${folder}/data\n`)
  const config = loadConfig(file, {})
  const { deadLetterKey } = resolveSecrets(config)
  const { bus, close } = await openBus(config, quietLog())
  await bus.ensureTopics(topicConfigs(topicSettings(config)))
  const nowhere = { topic: null, partition: null, offset: null, key: null, headers: {} }
  const about = { stage: 'source', code: 'not-json', message: 'not JSON', attempts: 1, origin: 'a.json#1' }
  const letter = { ...nowhere, ...about, value: bytes, timestamp: 0 }
  await bus.publish([deadLetter(letter, 'tfdrift.dead-letters', deadLetterKey)])
  await close()
})
afterAll(() => rmSync(folder, { recursive: true }))

async function run(...args: string[]) {
  const written: (string | Uint8Array)[] = []
  const io = testIo()
  const stdout = { write: (part: string | Uint8Array) => written.push(part) }
  const code = await runProgram(['dead-letters', ...args, '--config', file], { ...io, stdout })
  return { code, out: Buffer.concat(written.map((part) => Buffer.from(part))), err: io.err() }
}

async function idOfFirst(): Promise<string> {
  const { out } = await run('list')
  return JSON.parse(out.toString().split('\n')[0]!).id
}

it('are listed, shown without what nobody could redact, and written out byte by byte', async () => {
  const id = await idOfFirst()
  const shown = await run('show', id)
  expect(JSON.parse(shown.out.toString())).toMatchObject({
    id,
    code: 'not-json',
    value: { sha256: expect.any(String) },
  })
  const raw = await run('show', id, '--raw')
  expect(raw).toMatchObject({ code: 0, out: bytes, err: '' })
})

it('are redriven by name or all together, and not by accident', async () => {
  expect(await run('redrive')).toMatchObject({
    code: 1,
    err: 'redrive: name ids of the list, or give --all\n',
  })
  const id = await idOfFirst()
  expect(await run('redrive', id, '--all')).toMatchObject({ code: 1 })
  const done = await run('redrive', '--all')
  expect(done.code).toBe(0)
  expect(JSON.parse(done.out.toString())).toMatchObject({ id, ok: true, deadLetters: 1 })
})

it('that were redriven too often make the command fail', async () => {
  const id = await idOfFirst()
  await run('redrive', id)
  await run('redrive', id)
  const fourth = await run('redrive', id)
  expect(fourth).toMatchObject({ code: 1, err: '1 not redriven\n' })
  expect(JSON.parse(fourth.out.toString())).toMatchObject({ id, ok: false })
})

it('must be there', async () => {
  expect(await run('show', 'tfdrift.dead-letters/0/999')).toMatchObject({
    code: 1,
    err: expect.stringContaining('dead-letters list shows those that there are'),
  })
})
