import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { verifyAuditLog } from '../../connectors/sinks/audit-verify.ts'
import { anAlertJson } from '../connectors/an-alert.ts'

const built = path.resolve(import.meta.dirname, '../../dist/connectors/sinks/audit-log.js')

/** Writes batches without end, under ids of its own; each alert is large, so that a write takes its time. */
function writer(file: string, run: number) {
  const alert = anAlertJson({ message: 'x'.repeat(20_000) })
  const program = `
    const { auditLogSink } = await import(${JSON.stringify(pathToFileURL(built).href)})
    const sink = auditLogSink({ path: ${JSON.stringify(file)}, maxBytes: 8_000_000 })
    const alert = ${JSON.stringify(alert)}
    for (let n = 0; ; n += 50) {
      const batch = Array.from({ length: 50 }, (_, i) => ({ ...alert, id: '${run}-' + (n + i) }))
      await sink.deliver(batch, new AbortController().signal)
      process.stdout.write(String(n + 50) + '\\n')
    }`
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

test('an audit log whose writer is killed again and again holds all that was delivered, in one chain', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'audit-kill-'))
  const file = path.join(folder, 'audit.ndjson')
  try {
    let delivered = 0
    for (let run = 0; run < 5; run++) {
      const child = writer(file, run)
      let said = ''
      child.stdout.on('data', (chunk) => {
        said += chunk
      })
      await once(child.stdout, 'data')
      const { size } = await stat(file)
      await expect
        .poll(async () => (await stat(file).catch(() => ({ size: 0 }))).size !== size, { interval: 1 })
        .toBe(true)
      child.kill('SIGKILL')
      await once(child, 'close')
      delivered += Number(said.trim().split('\n').at(-1))
      const { entries, fault } = await verifyAuditLog(file, { from: 1 })
      expect(fault).toBeNull()
      expect(entries).toBeGreaterThanOrEqual(delivered)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
