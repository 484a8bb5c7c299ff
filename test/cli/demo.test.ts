import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../cli/program.ts'
import type { AlertJson } from '../../connectors/alert-json.ts'
import { statements } from '../../processors/compare/policy.ts'
import type { Json } from '../../processors/finding.ts'
import { testIo } from '../support/test-io.ts'

const demo = path.resolve(import.meta.dirname, '../../examples/demo')
const args = [
  'detect',
  '--state',
  path.join(demo, 'terraform.tfstate'),
  '--events',
  path.join(demo, 'cloudtrail'),
]

interface Expected {
  eventID: string
  type: string
  resourceType: string
  id: string
  address: string | null
  status: string
  diffs: { attribute: string; oldValue?: Json; newValue?: Json; changeType: string; sensitive: boolean }[]
  actor: { name: string; type: string; tool: string }
}

async function run(...more: string[]) {
  const io = testIo()
  const code = await runProgram([...args, ...more], io)
  return { code, out: io.out(), err: io.err() }
}

/** Policies by their meaning; nothing removed or added is [] to one side and absent to the other. */
function comparable(value: Json | undefined): unknown {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return null
  const policy = Array.isArray(value) && statements({ Statement: value }, { trust: true })
  return policy ? [...policy.keys()] : value
}

describe('the demo sample', () => {
  it('gives exactly the alerts that were worked out by hand', async () => {
    const { code, out } = await run('--format', 'ndjson')
    const alerts = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AlertJson)
    const expected = JSON.parse(readFileSync(path.join(demo, 'expected.json'), 'utf8')) as Expected[]
    const key = (one: { eventID: string; id: string }) => `${one.eventID} ${one.id}`
    const got = alerts.map(({ sourceEvent, type, resource, status, diffs, actor }) => ({
      eventID: sourceEvent.id,
      type,
      resourceType: resource!.type,
      id: resource!.id,
      address: resource!.address,
      status,
      diffs: diffs.map((diff) => ({
        attribute: diff.attribute,
        changeType: diff.changeType,
        sensitive: diff.sensitive,
        oldValue: comparable(diff.oldValue as Json),
        newValue: comparable(diff.newValue as Json),
      })),
      actor: { name: actor.name, type: actor.type, tool: actor.tool },
    }))
    const wanted = expected.map(({ eventID, type, resourceType, id, address, status, diffs, actor }) => ({
      eventID,
      type,
      resourceType,
      id,
      address,
      status,
      diffs: diffs
        .map((diff) => ({
          attribute: diff.attribute,
          changeType: diff.changeType,
          sensitive: diff.sensitive,
          oldValue: comparable(diff.oldValue),
          newValue: comparable(diff.newValue),
        }))
        .sort((a, b) => (a.attribute < b.attribute ? -1 : 1)),
      actor,
    }))
    const sort = <T extends { eventID: string; id: string }>(list: T[]) =>
      list.sort((a, b) => (key(a) < key(b) ? -1 : 1))
    expect(code).toBe(0)
    expect(sort(got)).toEqual(sort(wanted))
  })

  it('prints alerts in the order of event time, whatever the order of the files', async () => {
    const { out } = await run('--format', 'ndjson')
    const times = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as AlertJson).sourceEvent.time)
    expect(times).toEqual([...times].sort())
  })

  it('ends with a funnel that accounts for every event', async () => {
    const { err } = await run()
    const numbers = Object.fromEntries(
      [...err.matchAll(/^ +(\d+) (.+)$/gm)].map(([, count, label]) => [label!, Number(count)]),
    )
    expect(numbers).toMatchObject({ 'events read': 43, duplicates: 1, failed: 4, 'read-only': 6 })
    expect(err).toMatch(/16 alerts/)
  })

  it('shows no secret, in any format', async () => {
    for (const format of ['text', 'ndjson', 'markdown', 'ocsf', 'sarif']) {
      const { out, code } = await run('--format', format)
      expect(code).toBe(0)
      expect(out).not.toMatch(/hmac-sha256:|correct-horse|hunter2/)
    }
  })

  it('exits with 2 where an open finding is at least as severe as --fail-on', async () => {
    expect((await run('--fail-on', 'critical')).code).toBe(2)
    expect((await run('--rules', 'none', '--fail-on', 'critical')).code).toBe(0)
  })

  it('leaves out events outside [--from, --to)', async () => {
    const { out } = await run(
      '--format',
      'ndjson',
      '--from',
      '2026-03-02T10:30:15Z',
      '--to',
      '2026-03-02T10:33:26Z',
    )
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as AlertJson).sourceEvent.name),
    ).toEqual(['StopLogging'])
  })

  it('goes on past a file that cannot be read, and exits with 1', async () => {
    const { code, out, err } = await run('missing.json', '--format', 'ndjson')
    expect(code).toBe(1)
    expect(out.trim().split('\n')).toHaveLength(16)
    expect(err).toContain('missing.json')
  })
})
