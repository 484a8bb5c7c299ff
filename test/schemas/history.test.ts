import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import avro from 'avsc'
import { describe, expect, test } from 'vitest'
import { compatibility, type SchemaName, type SchemaRecords, schemaText } from '../../schemas/index.ts'
import { full } from './samples.ts'

const history = path.join(import.meta.dirname, '../../schemas/history')
const names = Object.keys(compatibility) as SchemaName[]

function versionsOf(name: string): { file: string; version: number; text: string }[] {
  return readdirSync(path.join(history, name))
    .map((file) => ({
      file,
      version: Number.parseInt(file, 10),
      text: readFileSync(path.join(history, name, file), 'utf8'),
    }))
    .sort((a, b) => a.version - b.version)
}

function parse(text: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(text), { wrapUnions: false })
}

test('every schema has a history, and every history a schema', () => {
  expect(readdirSync(history).sort()).toEqual([...names].sort())
})

describe.each(names)('the history of %s', (name) => {
  const versions = versionsOf(name)
  const current = parse(schemaText(name))

  test('is numbered from 1 without a gap', () => {
    expect(versions.map(({ file }) => file)).toEqual(versions.map((_, index) => `${index + 1}.avsc`))
  })

  test('ends with the current schema: a change to it needs a new version', () => {
    expect(JSON.parse(versions.at(-1)!.text)).toEqual(JSON.parse(schemaText(name)))
  })

  test.each(versions)('can be read by the current code: $file', ({ text }) => {
    expect(() => current.createResolver(parse(text))).not.toThrow()
  })
})

const readByAnyAge = names.filter((name) => compatibility[name] === 'FULL_TRANSITIVE')
describe.each(readByAnyAge)('the history of %s', (name) => {
  test.each(versionsOf(name))('can read what the current code writes: $file', ({ text }) => {
    expect(() => parse(text).createResolver(parse(schemaText(name)))).not.toThrow()
  })
})

/** What version 1 of an alert does not have. */
const sinceVersion2 = {
  owner: null,
  changeHistory: [],
  blastRadius: null,
  references: [],
  pendingChannels: [],
  statusChange: null,
}

const sinceVersion2OfStatus = {
  change: null,
  toldAt: null,
  eventKey: null,
  causes: [],
  commands: [],
  history: [],
}

/** The records that a signal leaves: the only ones without a resource. */
const ofSignal: Partial<SchemaRecords> = {
  alert: {
    ...full.alert,
    type: 'signal',
    resource: null,
    diffs: [],
    resourceTags: {},
    revertCommand: null,
    ...sinceVersion2,
  },
  diff: {
    ...full.diff,
    type: 'signal',
    resourceKey: 'falco/falco-0',
    address: null,
    stateSource: null,
    stateSerial: null,
    diffs: [],
  },
  match: { ...full.match, type: 'signal', resourceKey: 'falco/falco-0' },
  'alert-status': {
    ...full['alert-status'],
    resourceKey: 'falco/falco-0',
    address: null,
    alerts: [{ id: 'a-1', status: 'open', first: null, change: null, alert: null }],
    ...sinceVersion2OfStatus,
  },
}

describe.each(Object.keys(ofSignal) as SchemaName[])('the %s of a signal', (name) => {
  const record = ofSignal[name]
  const current = parse(schemaText(name))

  test.each(versionsOf(name))('goes through every published version and back: $file', ({ text }) => {
    const old = parse(text)
    const read = old.fromBuffer(current.toBuffer(record), old.createResolver(current))
    expect(current.fromBuffer(old.toBuffer(read), current.createResolver(old))).toEqual(record)
  })
})
