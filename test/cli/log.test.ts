import avro from 'avsc'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLogger, describeError, type LogLevel, toldMessage } from '../../cli/log.ts'

function recorder(level: LogLevel = 'debug') {
  const lines: string[] = []
  const log = createLogger({ level, stream: { write: (line: string) => lines.push(line) } })
  return { log, lines, records: () => lines.map((line) => JSON.parse(line)) }
}

function thrownBy(action: () => unknown): Error {
  try {
    action()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

test('a line is JSON with the time, the level by name, the fields and the message', () => {
  const { log, lines, records } = recorder()
  log.info({ topic: 'raw-events', offset: 7 }, 'committed')
  expect(lines[0]).toMatch(/\}\n$/)
  expect(records()[0]).toMatchObject({ level: 'info', topic: 'raw-events', offset: 7, msg: 'committed' })
  expect(records()[0].time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
})

test('what is below the level is not written', () => {
  const { log, records } = recorder('warn')
  log.debug({}, 'a')
  log.info({}, 'b')
  log.warn({}, 'c')
  log.error({}, 'd')
  expect(records().map(({ msg }) => msg)).toEqual(['c', 'd'])
})

test('a child carries its fields on every line', () => {
  const { log, records } = recorder()
  log.child({ source: 'trail' }).warn({ file: 'a.json' }, 'skipped')
  expect(records()[0]).toMatchObject({ source: 'trail', file: 'a.json' })
})

test('an error is described under whatever key it comes, with its causes', () => {
  const { log, records } = recorder()
  const cause = Object.assign(new TypeError('connect refused'), { code: 'ECONNREFUSED', syscall: 'connect' })
  log.error({ err: new Error('outer', { cause }), failure: cause }, 'lost')
  const [{ err, failure }] = records()
  expect(err).toMatchObject({ type: 'Error', message: 'outer', cause: { type: 'TypeError' } })
  expect(err.stack[0]).toMatch(/^at .*log\.test\.ts/)
  expect(failure).toMatchObject({ message: 'connect refused', code: 'ECONNREFUSED', syscall: 'connect' })
})

test('a child does not get past the description', () => {
  const { log, lines } = recorder()
  log.child({ err: new Error('bad "hunter2"') }).error({}, 'x')
  expect(lines[0]).not.toContain('hunter2')
})

test('extra properties of an error, which may hold the request, are left out', () => {
  const error = Object.assign(new Error('400'), { config: { password: 'hunter2' }, input: 'hunter2' })
  expect(JSON.stringify(describeError(error))).not.toContain('hunter2')
})

test('the parts of an aggregate are described, three of them', () => {
  const parts = [1, 2, 3, 4].map((n) => new Error(`no ${n}`))
  const { errors } = describeError(new AggregateError(parts, 'all failed')) as { errors: object[] }
  expect(errors).toHaveLength(3)
  expect(errors[0]).toMatchObject({ message: 'no 1' })
})

test('a circle of causes ends', () => {
  const error = new Error('a')
  error.cause = error
  expect(JSON.stringify(describeError(error)).length).toBeLessThan(20_000)
})

test('bytes are logged as their number', () => {
  const { log, records } = recorder()
  log.warn({ value: Buffer.from('hunter2') }, 'bad')
  expect(records()[0].value).toBe('7 bytes')
})

const type = avro.Type.forSchema({
  type: 'record',
  name: 'R',
  fields: [
    { name: 'a', type: 'long' },
    { name: 'b', type: ['null', 'string'] },
  ],
})

test('no value gets from the error of a JSON parser or a codec into the log', () => {
  const secret = fc.stringMatching(/^[a-z]{8,20}$/).map((text) => `zq${text}qz`)
  const shape = fc.constantFrom(
    (value: string) => thrownBy(() => JSON.parse(`{"password":"${value}" x`)),
    (value: string) => thrownBy(() => JSON.parse(`${value}`)),
    (value: string) => thrownBy(() => type.toBuffer({ a: value, b: null })),
    (value: string) => thrownBy(() => type.toBuffer({ a: 1, b: [{ [value]: `it's ${value}` }] })),
    (value: string) => thrownBy(() => type.toBuffer(value)),
    (value: string) =>
      new Error(`cannot get https://user:${value}@host.example/${value}?token=${value}: 403`),
    (value: string) => new Error(`rejected '${value}'\n    at fake (${value})`),
  )
  fc.assert(
    fc.property(secret, shape, (value, raise) => {
      const { log, lines } = recorder()
      log.error({ err: raise(value) }, 'failed')
      expect(lines[0]).not.toContain(value)
    }),
  )
})

test.each([
  ["can't read the topic, it's gone", "can't read the topic, it's gone"],
  ["ENOENT: no such file or directory, open '/a/b'", 'ENOENT: no such file or directory, open …'],
  ['invalid "string": 42', 'invalid …'],
  ['store "x" at "y" is locked', 'store … is locked'],
  [
    'queueUrl: https://sqs.example.com/123/q: not permitted',
    'queueUrl: https://sqs.example.com: not permitted',
  ],
  ['https://hooks.example.com/services/T0/B0/x answered 404', 'https://hooks.example.com answered 404'],
  ['raw-events[3]: not in the Confluent wire format', 'raw-events[3]: not in the Confluent wire format'],
])('the message %j becomes %j', (message, redacted) => {
  expect(describeError(new Error(message))).toMatchObject({ message: redacted })
})

test('the text of an error among the fields is described like the error', () => {
  const { log, records } = recorder()
  log.error({ error: `Unexpected token 'h', "hunter2 xyz" is not valid JSON` }, 'failed')
  log.error({ error: 'the store in /data is in use: stop that process' }, 'failed')
  expect(records().map(({ error }) => error)).toEqual([
    'Unexpected token … is not valid JSON',
    'the store in /data is in use: stop that process',
  ])
})

test.each([
  [thrownBy(() => JSON.parse('hunter2')), 'Unexpected token … is not valid JSON'],
  [new Error('run `tfdrift topics create`'), 'run `tfdrift topics create`'],
  [
    new Error('cannot start', { cause: new Error('ECONNREFUSED 127.0.0.1:1') }),
    'cannot start (ECONNREFUSED 127.0.0.1:1)',
  ],
  [
    new Error('cannot start', { cause: thrownBy(() => JSON.parse('hunter2')) }),
    'cannot start (Unexpected token … is not valid JSON)',
  ],
])('%s is told as %j: words of our own whole, of a parser without what they quote', (error, told) => {
  expect(toldMessage(error)).toBe(told)
})

test('a long message is cut', () => {
  expect((describeError(new Error('a'.repeat(10_000))) as { message: string }).message).toHaveLength(500)
})
