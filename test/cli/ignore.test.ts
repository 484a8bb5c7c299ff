import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runProgram } from '../../cli/program.ts'
import { testIo } from '../support/test-io.ts'
import { aRecord, resource } from './explain/an-explanation.ts'

let folder = ''
const home = process.cwd()
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-ignore-'))
})
afterEach(() => {
  process.chdir(home)
  rmSync(folder, { recursive: true })
})

function write(name: string, text: string): string {
  const file = path.join(folder, name)
  writeFileSync(file, text)
  return file
}

async function tfdrift(...args: string[]) {
  const io = testIo()
  const code = await runProgram(args, io)
  return { code, out: io.out(), err: io.err() }
}

const instance = resource('aws_instance', { id: 'i-1', instance_type: 't3.micro', tags: { Env: 'test' } })
const modify = aRecord('ec2', 'ModifyInstanceAttribute', {
  instanceId: 'i-1',
  instanceType: { value: 't3.large' },
})
const tag = aRecord('ec2', 'CreateTags', {
  resourcesSet: { items: [{ resourceId: 'i-1' }] },
  tagSet: {
    items: [
      { key: 'Env', value: 'prod' },
      { key: 'Seen', value: 'yes' },
    ],
  },
})

/** The same input for every command. */
function inputs(): string[] {
  const state = write(
    's.tfstate',
    JSON.stringify({ version: 4, serial: 1, lineage: 'l', outputs: {}, resources: [instance] }),
  )
  const events = write('e.json', [modify, tag].map((one) => JSON.stringify(one)).join('\n'))
  return ['--state', state, '--events', events, '--rules', 'none']
}

async function detect(...args: string[]) {
  const { out, ...rest } = await tfdrift('detect', ...inputs(), '--format', 'ndjson', ...args)
  const alerts = out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  return {
    ...rest,
    attributes: alerts.map(({ diffs }) => diffs.map((one: { attribute: string }) => one.attribute)),
  }
}

it('detect leaves out what a list names, and says how much that was', async () => {
  const list = write('mine', 'aws_instance.this#instance_type\n*#tags.Seen\n')
  const { attributes, err, code } = await detect('--ignore', list)
  expect({ attributes, code }).toEqual({ attributes: [['tags.Env']], code: 0 })
  expect(err).toContain('        1 ignored by .tfdriftignore\n')
  expect(err).toContain('1 differences left out of alerts by .tfdriftignore\n')
})

it('detect takes ./.tfdriftignore, unless told otherwise', async () => {
  write('.tfdriftignore', 'aws_instance\n')
  process.chdir(folder)
  expect(await detect()).toMatchObject({ attributes: [], err: expect.stringContaining('2 ignored by') })
  expect(await detect('--ignore', 'none')).toMatchObject({
    attributes: [['instance_type'], ['tags.Env', 'tags.Seen']],
  })
  expect(await detect('--ignore', write('other', '# nothing'))).toMatchObject({
    attributes: [{ length: 1 }, { length: 2 }],
  })
})

it('a line with a fault is pointed at, and so is a list that is not there', async () => {
  const list = write('mine', 'aws_instance.this\nwebserver\n')
  const message = `${list}:2:1: "webserver" is neither a type nor an address; write TYPE, ADDRESS or`
  expect(await detect('--ignore', list)).toMatchObject({ code: 1, err: expect.stringContaining(message) })
  const config = write('tfdrift.yaml', `ignore: ['${list}']\n`)
  expect(await tfdrift('validate', '--config', config)).toMatchObject({
    code: 1,
    err: expect.stringContaining(message),
  })
  const missing = path.join(folder, 'none-there')
  expect(await detect('--ignore', missing)).toMatchObject({
    code: 1,
    err: `${missing}: cannot be read (ENOENT); correct the path, or allow it to be read\n`,
  })
})

it('validate says of a list without fault how much there is in it', async () => {
  const list = write('mine', '# mine\naws_instance.this\n!aws_instance.that\n')
  const config = write('tfdrift.yaml', `ignore: ['${list}']\n`)
  expect(await tfdrift('validate', '--config', config)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`${list}: 2 lines: ok\n`),
  })
})

it('explain says which line ignores an event, and which a part of it', async () => {
  const list = write(
    'mine',
    '# by our scanner\n*#tags.Seen\naws_instance.this#instance_type # resized nightly\n',
  )
  const explain = (record: Record<string, unknown>) =>
    tfdrift('explain', String(record.eventID), ...inputs(), '--ignore', list)
  const whole = await explain(modify)
  expect(whole.out).toContain('No alert: an ignore list leaves it out.')
  expect(whole.out).toContain(
    `instance_type differs from the state, but is ignored: aws_instance.this#instance_type (${list}:3).`,
  )
  const part = await explain(tag)
  expect(part.out).toContain('What the call set differs from the state: tags.Env.')
  expect(part.out).toContain(`tags.Seen differs from the state, but is ignored: *#tags.Seen (${list}:2).`)
})
