import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Io } from '../cli/io.ts'
import { generate } from '../test/support/generate.ts'
import { machine } from './machine.ts'
import type { DetectOptions } from './options.ts'
import { usageOf } from './usage.ts'

const RECORDS_PER_FILE = 1_000
const DRIFTS = 0.05
const READS = 0.7
const DENIED = 0.1
const MIB = 2 ** 20
const WATCH_MS = 50
/** What real records have besides. */
const TLS = {
  tlsVersion: 'TLSv1.3',
  cipherSuite: 'TLS_AES_128_GCM_SHA256',
  clientProvidedHostHeader: 'ec2.eu-west-1.amazonaws.com',
}

/** Times `tfdrift detect`, with its start and the reading of the state. Resolves to whether every drift was found. */
export async function detect(options: DetectOptions, io: Io): Promise<boolean> {
  const dir = mkdtempSync(path.join(tmpdir(), 'tfdrift-bench-'))
  try {
    io.stderr.write('state and events are written\n')
    const written = writeInput(dir, options)
    io.stderr.write('tfdrift detect reads them\n')
    const measured = await timed(dir)
    io.stdout.write(report(options, written, measured))
    return measured.alerts === written.drifts
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Written {
  drifts: number
  gzipped: number
  plain: number
}

function writeInput(dir: string, { records, resources }: DetectOptions): Written {
  const shares = { driftShare: DRIFTS, readShare: READS / (1 - DRIFTS), deniedShare: DENIED / (1 - DRIFTS) }
  const load = generate({ resources, events: records, seed: 1, ...shares })
  writeFileSync(path.join(dir, 'terraform.tfstate'), JSON.stringify(load.state))
  mkdirSync(path.join(dir, 'events'))
  const written: Written = { drifts: 0, gzipped: 0, plain: 0 }
  let files = 0
  let batch: object[] = []
  function put(): void {
    const text = JSON.stringify({ Records: batch })
    const bytes = gzipSync(text)
    written.plain += text.length
    written.gzipped += bytes.length
    writeFileSync(path.join(dir, 'events', `${files++}.json.gz`), bytes)
    batch = []
  }
  for (const { drift, record } of load.labelled()) {
    written.drifts += Number(drift)
    batch.push({ ...record, tlsDetails: TLS })
    if (batch.length === RECORDS_PER_FILE) put()
  }
  if (batch.length > 0) put()
  return written
}

interface Measured {
  seconds: number
  cpuSeconds: number | null
  peakBytes: number | null
  alerts: number
}

async function timed(dir: string): Promise<Measured> {
  const main = path.join(import.meta.dirname, '../cli/main.js')
  const input = ['--state', path.join(dir, 'terraform.tfstate'), '--events', path.join(dir, 'events')]
  const start = performance.now()
  // The bin itself, with the flags of its first line.
  const child = spawn(main, ['detect', ...input, '--format', 'ndjson'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let usage = usageOf(child.pid!)
  const watch = setInterval(() => {
    const now = usageOf(child.pid!)
    if (now.peakBytes !== null) usage = now
  }, WATCH_MS)
  let alerts = 0
  child.stdout.on('data', (bytes: Buffer) => {
    for (const byte of bytes) if (byte === 10) alerts++
  })
  const [code] = await once(child, 'close')
  clearInterval(watch)
  if (code !== 0) throw new Error(`tfdrift detect ended with ${code}`)
  return { seconds: (performance.now() - start) / 1000, ...usage, alerts }
}

function report({ records, resources }: DetectOptions, written: Written, measured: Measured): string {
  const number = (value: number | null) => (value === null ? '-' : Math.round(value).toLocaleString('en'))
  const { seconds, cpuSeconds, peakBytes, alerts } = measured
  return [
    machine(),
    `${number(records)} records, ${number(written.plain / records)} bytes each (${number(written.gzipped / MIB)} MiB gzipped, ` +
      `${number(written.plain / MIB)} plain); ${number(resources)} resources`,
    '70 % only read, 10 % failed, 15 % are as declared, 5 % drift',
    '',
    `records/s             ${number(records / seconds)}`,
    `seconds               ${seconds.toFixed(1)}`,
    `processor µs/record   ${number(cpuSeconds === null ? null : (cpuSeconds / records) * 1e6)}`,
    `peak memory, MiB      ${number(peakBytes === null ? null : peakBytes / MIB)}`,
    '',
    `${number(alerts)} of ${number(written.drifts)} drifts found`,
    '',
  ].join('\n')
}
