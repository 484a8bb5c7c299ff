import { appendFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { alertJson } from '../../../connectors/alert-json.ts'
import { siemFileSink } from '../../../connectors/sinks/siem-file.ts'
import { anAlertJson, aSignal } from '../an-alert.ts'
import { detectionFinding } from './formats/ocsf-validator.ts'

const live = new AbortController().signal
let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siem-'))
  path = join(folder, 'alerts.ndjson')
})

afterEach(() => rm(folder, { recursive: true }))

const append = (...ids: string[]) =>
  siemFileSink({ path }).deliver(
    ids.map((id) => anAlertJson({ id })),
    live,
  )
const lines = async (file = path) => (await readFile(file, 'utf8')).split('\n')

it('writes one object a line, each ended by a line break, after what is there', async () => {
  await append('a', 'b')
  await append('c')
  const [first, second, third, end] = await lines()
  expect([first, second, third].map((line) => JSON.parse(line!).class_uid)).toEqual([2004, 2004, 2004])
  expect(end).toBe('')
})

it('writes a signal, which has no resource, as a finding that the schema takes', async () => {
  await siemFileSink({ path }).deliver([alertJson(aSignal())], live)
  const [line] = await lines()
  expect(detectionFinding.parse(JSON.parse(line!)).finding_info.uid).toBe(aSignal().id)
})

it('keeps a line that a crash has torn apart from the next', async () => {
  await writeFile(path, '{"class_uid":2004,"trunca')
  await append('a')
  const [torn, whole, end] = await lines()
  expect(torn).toBe('{"class_uid":2004,"trunca')
  expect(JSON.parse(whole!).class_uid).toBe(2004)
  expect(end).toBe('')
})

it('goes on in a new file when the old one was moved away', async () => {
  const sink = siemFileSink({ path })
  await sink.deliver([anAlertJson({ id: 'a' })], live)
  await rename(path, `${path}.1`)
  await sink.deliver([anAlertJson({ id: 'b' })], live)
  expect(await lines(`${path}.1`)).toHaveLength(2)
  expect(await lines()).toHaveLength(2)
})

it('never rewrites what another program has appended meanwhile', async () => {
  await append('a')
  await appendFile(path, 'a note of the operator\n')
  await append('b')
  expect((await lines())[1]).toBe('a note of the operator')
})

it('is readable by the owner and the group only', async () => {
  await append('a')
  expect((await stat(path)).mode & 0o007).toBe(0)
})

it('names the file and the fix where the folder is missing', async () => {
  path = join(folder, 'missing', 'alerts.ndjson')
  await expect(append('a')).rejects.toMatchObject({
    message: `${path} cannot be written (ENOENT): create its folder`,
    retryable: true,
  })
})

it('gives up at once where the path is a folder', async () => {
  await mkdir(path)
  await expect(append('a')).rejects.toMatchObject({ retryable: false })
})
