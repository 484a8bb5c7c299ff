import { describe, expect, it } from 'vitest'
import { target } from '../../processors/detect/step.ts'
import type { StateRow } from '../../processors/finding.ts'
import { fixture } from '../connectors/sources/a-record.ts'
import { corpora } from '../connectors/sources/corpora.ts'
import { call, context } from '../support/detect.ts'
import { bytesOf, tableOf } from './files.ts'
import { indexOf, rowsIn } from './state-rows.ts'

/** What a call could write for the resource: its id, its ARN or link, its name, as far as the state has them. */
function namesOf({ id, arn, attributes }: StateRow): string[] {
  return [id, arn, attributes.arn, attributes.self_link, attributes.name].filter(
    (name) => typeof name === 'string' && name !== '',
  ) as string[]
}

/** Each resource with the names under which a call in its own account and region does not find it. */
function unfound(rows: readonly StateRow[]): [address: string, name: string][] {
  const states = indexOf(rows)
  return rows.flatMap((row) => {
    const provider = row.type.startsWith('google_')
      ? 'gcp'
      : row.type.startsWith('azurerm_')
        ? 'azure'
        : 'aws'
    const account = row.account ?? ''
    const from = call('any', 'Any', {}, { provider, account, region: row.region ?? 'global' })
    return namesOf(row).flatMap((name): [string, string][] => {
      const found = target(from, context, row.type, name).find(states.rows)
      return found.includes(row) ? [] : [[row.address, name]]
    })
  })
}

it.each(['v4.tfstate', 'v3.tfstate'])('each resource of %s is found by id, by ARN and by name', (name) => {
  const rows = rowsIn(fixture(name), name)
  expect(rows.flatMap(namesOf).length).toBeGreaterThan(rows.length / 2)
  expect(unfound(rows)).toEqual([])
})

// Whether they are read or refused is the business of test/connectors/sources/read-files.test.ts.
if (corpora)
  describe('recorded states', () => {
    const read = tableOf<'path' | 'verdict'>('states', 'expected.tsv').filter(
      ({ verdict }) => verdict === 'read',
    )

    it.each(read)('each resource of $path is found by id, by ARN and by name', ({ path }) => {
      expect(unfound(rowsIn(bytesOf('states', path), path))).toEqual([])
    })
  })
