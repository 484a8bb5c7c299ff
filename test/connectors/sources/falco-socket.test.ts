import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { checkFalcoSocket, falcoSocket } from '../../../connectors/sources/falco-socket.ts'
import { until } from '../../services/until.ts'
import { aContext, type TestContext } from './a-context.ts'
import { hashKey } from './a-record.ts'
import { connected } from './falco/writers-of-falco.ts'
import { aFinding } from './formats/a-falco-finding.ts'
import { tempFolder } from './temp-folder.ts'

async function listening(file = `${tempFolder()}/falco.sock`, context = aContext()) {
  const source = falcoSocket({ path: file }, { hashKey, pollMs: 10 })
  await source.start(context)
  onTestFinished(() => source.stop())
  return { file, source, context }
}

const line = (id = 'a') => `${JSON.stringify(aFinding({ 'ct.id': id }))}\n`
const eventsIn = ({ outputs }: TestContext) => outputs.flatMap(({ events = [] }) => events)
const lettersIn = ({ outputs }: TestContext) => outputs.flatMap(({ deadLetters = [] }) => deadLetters)

async function untilRead(context: TestContext, count: number): Promise<void> {
  await until(
    `${count} in the log`,
    () => eventsIn(context).length + lettersIn(context).length >= count || undefined,
  )
}

/** A socket file on which nobody listens, as a process that was killed leaves it. */
async function leftBehind(): Promise<string> {
  const file = `${tempFolder()}/falco.sock`
  const kept = `${file}.kept`
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(kept, resolve))
  renameSync(kept, file)
  await new Promise((resolve) => server.close(resolve))
  return file
}

test('lines are findings, however the writer cuts them', async () => {
  const { file, context } = await listening()
  const socket = await connected(file)
  const [begin, end] = [line('b').slice(0, 50), line('b').slice(50)]
  socket.write(line('a') + begin)
  await untilRead(context, 1)
  socket.end(`${end}\n${line('c')}`)
  await untilRead(context, 3)
  expect(eventsIn(context).map(({ eventId }) => eventId)).toEqual(['a', 'b', 'c'])
  expect(lettersIn(context)).toEqual([])
})

test('only the owner and the group may write', async () => {
  const { file } = await listening()
  expect(statSync(file).mode & 0o777).toBe(0o660)
})

test('a whole line at the end needs no end of line, and half a one is a dead letter', async () => {
  const { file, context } = await listening()
  for (const text of [line('whole').trimEnd(), line('half').slice(0, 50)]) (await connected(file)).end(text)
  await untilRead(context, 2)
  expect(eventsIn(context)).toMatchObject([{ eventId: 'whole' }])
  expect(lettersIn(context)).toMatchObject([
    { code: 'not-json', bytes: Buffer.from(line('half').slice(0, 50)) },
  ])
})

test('half a line is a dead letter when the connection breaks, too', async () => {
  const { file, context } = await listening()
  const socket = await connected(file)
  socket.write(line('a') + line('half').slice(0, 50))
  await untilRead(context, 1)
  socket.destroy()
  await untilRead(context, 2)
  expect(lettersIn(context)).toMatchObject([{ code: 'not-json' }])
})

test('a line beyond the bound is cut off and a dead letter, and the next one is read', async () => {
  const { file, context } = await listening()
  const socket = await connected(file)
  socket.end(`${'x'.repeat(3_000_000)}\nnot JSON\n${line('next')}`)
  await untilRead(context, 3)
  expect(lettersIn(context)).toMatchObject([{ code: 'record-too-large' }, { code: 'not-json' }])
  expect(lettersIn(context)[0]?.bytes.length).toBe(1_048_576)
  expect(eventsIn(context)).toMatchObject([{ eventId: 'next' }])
})

test('a writer waits while the log takes nothing', async () => {
  const context = aContext()
  let take = () => {}
  context.whenEmitting = () =>
    new Promise((done) => {
      take = done
    })
  const { file } = await listening(undefined, context)
  const socket = await connected(file)
  const lines = Array.from({ length: 1_000 }, (_, i) => line(`id-${i}`))
  for (const one of lines) socket.write(one)
  socket.end()
  let left = socket.writableLength
  await until('no more is read', () => {
    const before = left
    left = socket.writableLength
    return (before === left && left > 0) || undefined
  })
  expect(left).toBeGreaterThan(500_000)
  context.whenEmitting = async () => {}
  take()
  await untilRead(context, 1_000)
  expect(eventsIn(context)).toHaveLength(1_000)
})

test('what a process has left behind is replaced', async () => {
  const file = await leftBehind()
  expect(existsSync(file)).toBe(true)
  const { context } = await listening(file)
  const socket = await connected(file)
  socket.end(line())
  await untilRead(context, 1)
})

test('a socket on which somebody listens is left alone, and so is any other file', async () => {
  const { file, context } = await listening()
  await expect(listening(file)).rejects.toThrow(
    /^falco-socket: path: .*another process listens there; stop it/,
  )
  const socket = await connected(file)
  socket.end(line())
  await untilRead(context, 1)
  const other = `${tempFolder()}/a.txt`
  writeFileSync(other, 'text')
  await expect(listening(other)).rejects.toThrow(/a file that is no socket; name another path/)
  expect(existsSync(other)).toBe(true)
})

test('the socket goes with the source', async () => {
  const { file, source } = await listening()
  expect(source.healthy()).toBe(true)
  await connected(file)
  await source.stop()
  expect([existsSync(file), source.healthy()]).toEqual([false, false])
})

test('a log that refuses is told once, and what it has not taken before the stop is counted', async () => {
  const context = aContext()
  context.whenEmitting = () => Promise.reject(new Error('a payload'))
  const { file, source } = await listening(undefined, context)
  const socket = await connected(file)
  socket.write(line('a') + line('b'))
  await until('unhealthy', () => !source.healthy() || undefined)
  await source.stop()
  expect(context.logged.map(({ fields }) => fields.lost ?? fields.error)).toEqual([
    'the log did not take the records (Error)',
    2,
  ])
  expect(JSON.stringify(context.logged)).not.toContain('payload')
})

test('doctor says whether the socket is there or can be made', async () => {
  const { file } = await listening()
  const folder = tempFolder()
  writeFileSync(`${folder}/a.txt`, '')
  const checks = [
    file,
    `${folder}/new.sock`,
    `${folder}/a.txt`,
    `${folder}/no/falco.sock`,
    `${folder}/${'x'.repeat(120)}`,
  ]
  const found = await Promise.all(checks.map((path) => checkFalcoSocket({ path })))
  expect(found.flat()).toMatchObject([
    { ok: true, what: `socket ${file}, on which a process listens` },
    { ok: true, what: `socket ${folder}/new.sock` },
    { ok: false, problem: expect.stringContaining('no socket'), fix: expect.any(String) },
    {
      ok: false,
      problem: expect.stringContaining('there is no folder'),
      fix: 'make it, or correct the path',
    },
    { ok: false, problem: expect.stringContaining('longer than 107'), fix: 'name a shorter path' },
  ])
})
