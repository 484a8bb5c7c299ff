import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseState } from '../../../connectors/sources/terraform-state/parse.ts'
import { toSnapshots } from '../../../connectors/sources/terraform-state/snapshot.ts'
import { target } from '../../../processors/detect/step.ts'
import type { CloudCall } from '../../../processors/finding.ts'
import { createStateIndex, type StateIndex } from '../../../processors/state-index.ts'
import { stateRow } from '../../../processors/state-row.ts'
import { call, context } from '../../support/detect.ts'

type Resources = Record<string, { type: string; attributes: object; identity?: object }>

/** An account is one of AWS, a project or a subscription. */
const accounts = {
  aws: { here: '111111111111', other: '222222222222', nobody: '333333333333' },
  gcp: { here: 'shop-prod', other: 'shop-test', nobody: 'shop-none' },
  azure: {
    here: '00000000-0000-0000-0000-00000000000a',
    other: '00000000-0000-0000-0000-00000000000b',
    nobody: '00000000-0000-0000-0000-00000000000c',
  },
}
const regions = { here: 'eu-west-1', virginia: 'us-east-1' }

/** Which resources of the first state a second one holds too. */
const doubled = new Set(
  ['vm', 'group', 'bucket', 'role', 'policy', 'database', 'service-main', 'function', 'secret', 'kms'].concat(
    ['queue', 'logs', 'zone', 'g-vm', 'g-bucket', 'a-nsg'],
  ),
)

const read = (name: string) => readFileSync(path.join(import.meta.dirname, name), 'utf8')
const { here, bare } = parse(read('resources.yaml')) as { here: Resources; bare: Resources }
const states: Record<string, Resources> = {
  here,
  bare,
  twin: Object.fromEntries(Object.entries(here).filter(([label]) => doubled.has(label))),
  other: replaced(here, Object.values(accounts)),
  // Where nothing tells the region, nothing could be another one.
  virginia: Object.fromEntries(
    Object.entries(replaced(here, [{ here: regions.here, other: regions.virginia }])).filter(([, one]) =>
      JSON.stringify(one).includes(regions.virginia),
    ),
  ),
}
const index = indexOf(states)

function replaced(of: Resources, pairs: { here: string; other: string }[]): Resources {
  return JSON.parse(
    pairs.reduce((text, { here, other }) => text.replaceAll(here, other), JSON.stringify(of)),
  ) as Resources
}

/** As a state file holds them, read by the source of states. */
function indexOf(all: Record<string, Resources>): StateIndex {
  const known = createStateIndex(context.mappings)
  for (const [lineage, one] of Object.entries(all)) {
    const list = Object.entries(one).map(([name, { type, ...instance }]) => ({
      mode: 'managed',
      type,
      name: lineage === 'here' ? name : `${lineage}:${name}`,
      instances: [instance],
    }))
    const state = JSON.stringify({ version: 4, serial: 1, lineage, resources: list })
    const parsed = parseState(Buffer.from(state), lineage)
    for (const { key, value } of toSnapshots(parsed, { hashKey: Buffer.alloc(32), capturedAt: 0 })) {
      const row = stateRow(key, value)
      if (row) known.add(row)
    }
  }
  return known
}

function callFrom(type: string, from: string): CloudCall {
  const provider = type.startsWith('aws_') ? 'aws' : type.startsWith('google_') ? 'gcp' : 'azure'
  const account = accounts[provider][from === 'other' || from === 'nobody' ? from : 'here']
  const region = from === 'virginia' ? regions.virginia : regions.here
  return call('any', 'Any', {}, { provider, account, region })
}

const rows = read('matrix.tsv')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map(
    (line) => line.split('\t') as [type: string, called: string, from: string, expected: string, why: string],
  )

describe('R27: a call finds the rows of what it names', () => {
  it.each(rows)('%s %s, from %s: %s (%s)', (type, called, from, expected) => {
    const found = target(callFrom(type, from), context, type, called).find(index.rows)
    expect(found.map(({ name }) => name).sort()).toEqual(expected === '-' ? [] : expected.split(' ').sort())
  })

  it('the matrix is as large as it says: three clouds, sixty types, three hundred rows', () => {
    expect(rows.length).toBeGreaterThanOrEqual(300)
    expect(new Set(rows.map(([type]) => type)).size).toBeGreaterThanOrEqual(60)
    expect(new Set(rows.map(([type]) => type.split('_')[0]))).toEqual(new Set(['aws', 'google', 'azurerm']))
    expect(new Set(rows.map((row) => row.slice(0, 3).join('\t'))).size).toBe(rows.length)
  })
})
