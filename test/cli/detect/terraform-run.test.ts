import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../../cli/program.ts'
import type { AlertJson } from '../../../connectors/alert-json.ts'
import { apply, type Caller, destroy, states, type TerraformRun } from '../../support/terraform-run.ts'
import { testIo } from '../../support/test-io.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-apply-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What detect says of runs by a caller, against one of the states. */
async function detect(state: keyof typeof states, by: Caller, ...runs: TerraformRun[]) {
  const [stateFile, events] = [path.join(folder, 'terraform.tfstate'), path.join(folder, 'events.json')]
  writeFileSync(stateFile, states[state])
  writeFileSync(events, JSON.stringify({ Records: runs.flatMap((run) => run.records(by)) }))
  const io = testIo()
  const args = ['--state', stateFile, '--events', events, '--format', 'ndjson', '--uncompared']
  expect(await runProgram(['detect', ...args], io)).toBe(0)
  const alerts = io
    .out()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AlertJson)
  return alerts
}

describe('R32 detect takes the given state for the outcome', () => {
  it('W12 of an apply of Terraform, whose calls are no alerts', async () => {
    expect(await detect('applied', 'terraform', apply)).toEqual([])
  })

  it('W12 of a destroy', async () => {
    expect(await detect('destroyed', 'terraform', destroy)).toEqual([])
  })

  it('and reports the very same calls made by hand', async () => {
    expect(apply.told(await detect('before', 'hand', apply))).toEqual(apply.alerts)
    expect(destroy.told(await detect('applied', 'hand', destroy))).toEqual(destroy.alerts)
  })

  it('and those of a forged user agent, since the state does not say the same', async () => {
    for (const [state, run] of [
      ['before', apply],
      ['applied', destroy],
    ] as const) {
      const alerts = await detect(state, 'forged', run)
      expect(run.told(alerts)).toEqual(run.alerts)
      expect(new Set(alerts.map(({ actor }) => `${actor.name} ${actor.tool}`))).toEqual(
        new Set(['mallory terraform']),
      )
    }
  })
})
