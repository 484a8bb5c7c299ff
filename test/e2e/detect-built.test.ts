import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram } from '../../cli/program.ts'
import { generate } from '../support/generate.ts'
import { testIo } from '../support/test-io.ts'

const program = path.resolve(import.meta.dirname, '../../dist/cli/main.js')

test('the built program, which reads in a thread of its own, prints what its sources print', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'tfdrift-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const load = generate({ resources: 50, events: 2_000, seed: 7, driftShare: 0.2 })
  const [state, events] = [path.join(dir, 'terraform.tfstate'), path.join(dir, 'events')]
  writeFileSync(state, JSON.stringify(load.state))
  mkdirSync(events)
  const records = [...load.records()]
  for (let n = 0; n < 4; n++) {
    const Records = records.slice(n * 500, (n + 1) * 500)
    writeFileSync(path.join(events, `${n}.json.gz`), gzipSync(JSON.stringify({ Records })))
  }
  writeFileSync(path.join(events, 'bad.json'), '{"Records":[{"eventName":7}]}')
  const args = ['detect', '--state', state, '--events', events, '--format', 'ndjson']

  const io = testIo()
  const code = await runProgram(args, io)
  const built = await promisify(execFile)(program, args).catch((error) => error)

  const withoutClock = (text: string) => text.replaceAll(/"detectedAt":"[^"]*"/g, '')
  expect(withoutClock(built.stdout)).toBe(withoutClock(io.out()))
  expect(built.stderr).toBe(io.err())
  expect(built.code ?? 0).toBe(code)
  expect(built.stdout.split('\n').length).toBeGreaterThan(300)
})
