import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../../../cli/config/load.ts'

const home = process.cwd()
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-'))
  process.chdir(folder)
})
afterEach(() => process.chdir(home))

function write(name: string, port: number): string {
  const file = path.join(folder, name)
  writeFileSync(file, `http: { port: ${port} }\n`)
  return file
}

test('the flag goes before TFDRIFT_CONFIG, which goes before ./tfdrift.yaml', () => {
  const here = write('tfdrift.yaml', 1)
  const named = write('named.yaml', 2)
  const flagged = write('flagged.yaml', 3)
  const env = { TFDRIFT_CONFIG: named }
  expect(loadConfig(flagged, env)).toMatchObject({ file: flagged, http: { port: 3 } })
  expect(loadConfig(undefined, env)).toMatchObject({ file: named, http: { port: 2 } })
  expect(loadConfig(undefined, {})).toMatchObject({ file: './tfdrift.yaml', http: { port: 1 } })
  expect(loadConfig(undefined, { TFDRIFT_CONFIG: '' }).http.port).toBe(1)
  expect(here).toBeTruthy()
})

test('a named file that is not there is a fault, whatever lies elsewhere', () => {
  write('tfdrift.yaml', 1)
  expect(() => loadConfig('no.yaml', {})).toThrow(/^no\.yaml: no such file; correct the path$/)
  expect(() => loadConfig(undefined, { TFDRIFT_CONFIG: 'no.yaml' })).toThrow(
    /^no\.yaml: no such file; correct TFDRIFT_CONFIG$/,
  )
})

test('a folder instead of a file is a fault', () => {
  expect(() => loadConfig(folder, {})).toThrow(`${folder}: cannot be read (EISDIR); correct the path`)
})

test('without any file, all places that were looked at are named', () => {
  expect(() => loadConfig(undefined, {})).toThrow(
    './tfdrift.yaml, /etc/tfdrift/config.yaml: no such file; write one (see tfdrift.example.yaml), or name yours with --config',
  )
})

test('alerts go to every sink unless routing says otherwise', () => {
  const file = path.join(folder, 'tfdrift.yaml')
  const sinks = 'sinks: { a: { kind: console }, b: { kind: console } }\n'
  writeFileSync(file, sinks)
  expect(loadConfig(file, {}).routing).toMatchObject({ default: ['a', 'b'] })
  writeFileSync(file, `${sinks}routing: { default: [b] }\n`)
  expect(loadConfig(file, {}).routing).toMatchObject({ default: ['b'] })
  writeFileSync(file, '')
  expect(loadConfig(file, {}).routing).toMatchObject({ default: ['console'] })
})

test.each([
  ['at the top', 'drift_rulez: []\n', 'drift_rulez: unknown key'],
  ['in a section', 'alerts: { infos: true }\n', 'alerts.infos: unknown key'],
  [
    'in a sink',
    'sinks: { a: { kind: webhook, url: "https://x.example", webhook_url: y } }\n',
    'sinks.a.webhook_url: unknown key',
  ],
])('W1 an unknown key %s is refused by the loader that the commands use', (_, text, fault) => {
  const file = path.join(folder, 'tfdrift.yaml')
  writeFileSync(file, text)
  expect(() => loadConfig(file, {})).toThrow(fault)
})

test('the bus can be chosen beside the file', () => {
  const file = path.join(folder, 'k.yaml')
  writeFileSync(file, 'bus: { kafka: { brokers: [a], registry: "http://x" } }\n')
  expect(loadConfig(file, {}).bus.kind).toBe('embedded')
  expect(loadConfig(file, {}, 'kafka').bus.kind).toBe('kafka')
})
