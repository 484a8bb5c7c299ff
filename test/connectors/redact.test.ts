import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redact, redactEvent, TooDeepError } from '../../connectors/redact.ts'
import { hashValue } from '../../schemas/hashed-value.ts'
import { isSensitiveName } from '../../schemas/sensitive-name.ts'

const key = Buffer.from('key')
const hide = (secret: string) => `<${secret.length}>`

test('a secret becomes its keyed hash, and what is beside it stays', () => {
  const record = { requestParameters: { masterUserPassword: 'hunter2', dBInstanceIdentifier: 'db' } }
  expect(redactEvent(record, key)).toEqual({
    requestParameters: { masterUserPassword: hashValue(key, 'hunter2'), dBInstanceIdentifier: 'db' },
  })
  expect(record.requestParameters.masterUserPassword).toBe('hunter2')
})

test('what the cloud has masked, and what is empty, stays as it is', () => {
  const record = { password: '****', secret: 'HIDDEN_DUE_TO_SECURITY_REASONS', token: '', apiKey: null }
  expect(redact(record, hide)).toBe(record)
})

test('numbers and flags under a secret name are settings', () => {
  const record = { password: 8, token: true }
  expect(redact(record, hide)).toBe(record)
})

test('boot scripts and keys are hidden under the names that Google Cloud gives them, too', () => {
  const items = ['startup-script', 'windows-startup-script-ps1', 'shutdown-script', 'ssh-keys', 'user-data']
  const metadata = items.map((name) => ({ key: name, value: 'x' }))
  expect(redact({ metadata, privateKeyData: 'y' }, hide)).toEqual({
    metadata: items.map((name) => ({ key: name, value: '<1>' })),
    privateKeyData: '<1>',
  })
  const visible = [{ key: 'enable-oslogin', value: 'TRUE' }]
  expect(redact(visible, hide)).toBe(visible)
})

test('lists and wrappings under a secret name hold secrets', () => {
  expect(
    redact({ passwords: ['a', 'bb'], password: { value: 'ccc' }, token: { items: ['d'] } }, hide),
  ).toEqual({
    passwords: ['<1>', '<2>'],
    password: { value: '<3>' },
    token: { items: ['<1>'] },
  })
})

test('an object under a secret name is judged by its own names', () => {
  const credentials = { accessKeyId: 'AKIA', sessionToken: 'x', expiration: 'soon' }
  expect(redact({ credentials }, hide)).toEqual({ credentials: { ...credentials, sessionToken: '<1>' } })
})

test('a value is named by the name beside it', () => {
  const environment = [
    { name: 'DB_PASSWORD', value: 'hunter2' },
    { name: 'LOG_LEVEL', value: 'debug' },
  ]
  const tags = [{ key: 'token', value: 'abc' }]
  const parameters = [{ parameterKey: 'AdminPassword', parameterValue: 'x' }]
  expect(redact({ environment, tags, parameters }, hide)).toEqual({
    environment: [{ name: 'DB_PASSWORD', value: '<7>' }, environment[1]],
    tags: [{ key: 'token', value: '<3>' }],
    parameters: [{ parameterKey: 'AdminPassword', parameterValue: '<1>' }],
  })
})

test('boot scripts are hidden, their digests in states are not', () => {
  const sha1 = '1b7d6b8f0ee0f2d1b6ff7c5b8c8ee7d4d6a5f3b2'
  expect(redact({ userData: 'IyEvYmlu', user_data: sha1, user_data_base64: 'IyE=' }, hide)).toEqual({
    userData: '<8>',
    user_data: sha1,
    user_data_base64: '<4>',
  })
  expect(redact({ attribute: 'userData', value: 'IyEvYmlu' }, hide)).toEqual({
    attribute: 'userData',
    value: '<8>',
  })
})

test('texts of JSON are looked into, and stay byte for byte where nothing is hidden', () => {
  const definitions =
    '[ {"environment": [{"name": "API_TOKEN", "value": "abc"}], "big": 12345678901234567890} ]'
  const policy = '{ "Condition": {"StringEquals": {"aws:RequestTag/Token": "x"}} }'
  expect(
    redact({ containerDefinitions: definitions, policyDocument: policy, text: '{not json' }, hide),
  ).toEqual({
    containerDefinitions:
      '[{"environment":[{"name":"API_TOKEN","value":"<3>"}],"big":"12345678901234567890"}]',
    policyDocument: policy,
    text: '{not json',
  })
})

test('__proto__ is a key like any other', () => {
  const record = JSON.parse('{"__proto__": {"password": "x"}, "constructor": {"token": "y"}}')
  const redacted = redact(record, hide)
  expect(JSON.stringify(redacted)).toBe('{"__proto__":{"password":"<1>"},"constructor":{"token":"<1>"}}')
  expect(Object.getPrototypeOf(redacted)).toBe(Object.prototype)
  expect(({} as Record<string, unknown>).password).toBeUndefined()
})

test('what is nested too deep to be written again is refused', () => {
  const nested = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
  expect(() => redact({ nested }, hide)).toThrow(TooDeepError)
})

const canary = 'canary-5f1d'
const plainName = fc.constantFrom(
  'name2',
  'settings',
  'items',
  'value',
  'tags',
  'environment',
  '__proto__',
  'a b',
)
const secretName = fc.constantFrom('password', 'masterUserPassword', 'API_KEY', 'sessionToken', 'private_key')

/** Trees in which the canary stands only under sensitive names, at any depth, in any of the shapes of a value. */
const { tree } = fc.letrec<{ tree: unknown; secret: unknown }>((tie) => ({
  secret: fc.oneof(
    fc.constant(canary),
    fc.constant([canary, canary]),
    fc.constant({ value: canary }),
    fc.constant({ items: [canary] }),
  ),
  tree: fc.oneof(
    { maxDepth: 6 },
    fc.jsonValue(),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.tuple(plainName, tie('tree')).map(([name, value]) => Object.fromEntries([[name, value]])),
    fc.tuple(secretName, tie('secret')).map(([name, value]) => ({ [name]: value })),
    secretName.map((name) => ({ name, value: canary })),
    tie('tree').map((value) => JSON.stringify({ wrapped: value })),
  ),
}))

test('no secret under a sensitive name survives, at any depth', () => {
  fc.assert(
    fc.property(tree, (value) => {
      expect(JSON.stringify(redactEvent({ requestParameters: value }, key))).not.toContain(canary)
    }),
    { numRuns: 500 },
  )
})

test('a name keeps its meaning however many names were seen in between', () => {
  redact({ password: 'x' }, hide)
  redact(Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`tag_${i}`, ''])), hide)
  expect(redact({ password: 'x', tag_1: 'x' }, hide)).toEqual({ password: '<1>', tag_1: 'x' })
})

test('redacting twice changes nothing more', () => {
  fc.assert(
    fc.property(tree, (value) => {
      const once = redactEvent(value, key)
      expect(redactEvent(once, key)).toEqual(once)
    }),
  )
})

test('without a sensitive name nothing changes', () => {
  const name = fc.string().filter((text) => !isSensitiveName(text) && !/user_?data/i.test(text))
  const values = fc.dictionary(name, fc.oneof(fc.integer(), fc.boolean(), fc.constant('text')))
  fc.assert(
    fc.property(values, (value) => {
      expect(redact(value, hide)).toBe(value)
    }),
  )
})
