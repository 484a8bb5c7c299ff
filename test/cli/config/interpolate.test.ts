// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of the configuration look like this
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { interpolate } from '../../../cli/config/interpolate.ts'
import { faultsOf, validate } from './fake-registries.ts'

const env = { NAME: 'n', EMPTY: '', PORT: '9090', OFF: 'false', DIGITS: '007', DOLLAR: '${NAME} $& $1' }

test.each([
  ['${NAME}', 'n'],
  ['a-${NAME}-${NAME}', 'a-n-n'],
  ['${EMPTY}', ''],
  ['${EMPTY:-other}', 'other'],
  ['${UNSET:-other}', 'other'],
  ['${UNSET:-}', ''],
  ['${UNSET:-http://x:1/y?z}', 'http://x:1/y?z'],
  ['${NAME:-other}', 'n'],
  ['$${NAME}', '${NAME}'],
  ['$$${NAME}', '$${NAME}'],
  ['$NAME {NAME} $', '$NAME {NAME} $'],
  ['${DOLLAR}', '${NAME} $& $1'],
])('%s becomes %s', (text, result) => {
  expect(interpolate({ a: [text] }, env)).toMatchObject({ value: { a: [result] }, problems: [] })
})

test('only texts are touched, keys are not', () => {
  const content = { '${NAME}': 1, list: [true, null, 2.5], plain: 'x' }
  expect(interpolate(content, env)).toEqual({ value: content, touched: [], problems: [] })
})

test('a file gives its content without the last line break', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'tfdrift-')), 'secret')
  writeFileSync(file, ' two\nlines \n')
  expect(interpolate(`<\${file:${file}}>`, {}).value).toBe('< two\nlines >')
})

test.each([
  ['${UNSET}', 'environment variable UNSET is not set; set it, or give a default: ${UNSET:-default}'],
  ['${file:/no/such}', 'cannot read /no/such (ENOENT); mount the file or correct its path'],
  [
    '${a b}',
    '${a b} is not a reference; write ${NAME}, ${NAME:-default} or ${file:/path}; for a literal ${ write $${',
  ],
  [
    '${NAME',
    '${NAME is not a reference; write ${NAME}, ${NAME:-default} or ${file:/path}; for a literal ${ write $${',
  ],
])('%s is a fault with its file, line, field and fix', (reference, fault) => {
  expect(faultsOf(`rules:\n  - ok\n  - "${reference}"\n`, env)).toEqual([
    `tfdrift.yaml:3:5 rules[1]: ${fault}`,
  ])
})

test('every unset variable is named, also two in one field', () => {
  expect(faultsOf('dataDir: ${A}/${B}\nrules: ["${A}"]\n')).toEqual([
    'tfdrift.yaml:1:1 dataDir: environment variable A is not set; set it, or give a default: ${A:-default}',
    'tfdrift.yaml:1:1 dataDir: environment variable B is not set; set it, or give a default: ${B:-default}',
    'tfdrift.yaml:2:9 rules[0]: environment variable A is not set; set it, or give a default: ${A:-default}',
  ])
})

test('an unset variable is not complained of again by the schema', () => {
  expect(faultsOf('http: { port: "${UNSET}" }\nrouting: { default: ["${UNSET}"] }\n')).toEqual([
    'tfdrift.yaml:1:9 http.port: environment variable UNSET is not set; set it, or give a default: ${UNSET:-default}',
    'tfdrift.yaml:2:22 routing.default[0]: environment variable UNSET is not set; set it, or give a default: ${UNSET:-default}',
  ])
})

test('where the schema wants a number or a flag, the text of a variable is read as one', () => {
  const config = validate(
    'http: { port: "${PORT}" }\nshippedRules: ${OFF}\nbus: { partitions: "${N:-12}" }\n',
    env,
  )
  expect(config).toMatchObject({ http: { port: 9090 }, shippedRules: false, bus: { partitions: 12 } })
})

test('a flag or a map may come from a variable too', () => {
  const kafka = 'bus:\n  kafka: { brokers: [a], registry: "http://x", ssl: "${OFF}" }\n'
  expect(validate(kafka, env).bus.kafka?.ssl).toBe(false)
})

test('where the schema wants text, digits stay text', () => {
  const text = 'bus:\n  kafka:\n    brokers: [a]\n    registry: http://x\n    clientId: ${DIGITS}\n'
  expect(validate(text, env).bus.kafka?.clientId).toBe('007')
})

test('a variable of the wrong type is the same fault as a value, and is not shown', () => {
  expect(faultsOf('http:\n  port: ${NAME}\n', { NAME: 'hunter2' })).toEqual([
    'tfdrift.yaml:2:3 http.port: must be a number, not text; write a number',
  ])
})

test('a number in quotes that no reference made stays a fault', () => {
  expect(faultsOf('http:\n  port: "9090"\ndataDir: ${NAME}\n', env)).toEqual([
    'tfdrift.yaml:2:3 http.port: must be a number, not text; write a number',
  ])
})
