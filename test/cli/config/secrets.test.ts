import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { resolveSecrets, type SecretsConfig } from '../../../cli/config/secrets.ts'

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')

function config(changes: Partial<SecretsConfig> = {}): SecretsConfig {
  const dataDir = path.join(mkdtempSync(path.join(tmpdir(), 'tfdrift-')), 'data')
  return { file: 'tfdrift.yaml', dataDir, secrets: {}, bus: { kind: 'embedded' }, ...changes }
}

function messageOf(settings: SecretsConfig): string {
  try {
    resolveSecrets(settings)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

test('configured keys are taken, and nothing is written', () => {
  const settings = config({ secrets: { hashKey: key(1), deadLetterKey: key(2) }, bus: { kind: 'kafka' } })
  const secrets = resolveSecrets(settings)
  expect(secrets).toEqual({ hashKey: Buffer.alloc(32, 1), deadLetterKey: Buffer.alloc(32, 2) })
  expect(() => readdirSync(settings.dataDir)).toThrow('ENOENT')
})

test('on the embedded bus keys are made once, two different ones, readable by the owner only', () => {
  const settings = config()
  const first = resolveSecrets(settings)
  expect(first.hashKey).toHaveLength(32)
  expect(first.deadLetterKey).toHaveLength(32)
  expect(first.hashKey.equals(first.deadLetterKey)).toBe(false)
  for (const file of ['hash.key', 'dead-letter.key']) {
    expect(statSync(path.join(settings.dataDir, file)).mode & 0o777).toBe(0o600)
  }
  expect(resolveSecrets(settings)).toEqual(first)
})

test('only the key that is not configured is made', () => {
  const settings = config({ secrets: { hashKey: key(1) } })
  expect(resolveSecrets(settings).hashKey).toEqual(Buffer.alloc(32, 1))
  expect(readdirSync(settings.dataDir)).toEqual(['dead-letter.key'])
})

test('on Kafka all missing keys are named, with how to make one', () => {
  const fix = 'missing; all instances need the same key; make one with: openssl rand -base64 32'
  expect(messageOf(config({ bus: { kind: 'kafka' } }))).toBe(
    `tfdrift.yaml secrets.hashKey: ${fix}\ntfdrift.yaml secrets.deadLetterKey: ${fix}`,
  )
})

test('a kept key that was damaged is named and left as it is', () => {
  const settings = config()
  const file = path.join(settings.dataDir, 'hash.key')
  mkdirSync(settings.dataDir)
  writeFileSync(file, 'damaged')
  expect(messageOf(settings)).toBe(
    `${file}: not a key of 32 bytes in base64; restore the file, or remove it to start with a new key`,
  )
  expect(readFileSync(file, 'utf8')).toBe('damaged')
})

test('a dataDir that cannot be made is named', () => {
  const settings = config()
  writeFileSync(settings.dataDir, 'a file')
  expect(messageOf(settings)).toBe(
    `${settings.dataDir}/hash.key: cannot be read (ENOTDIR); let this user read it`,
  )
})
