import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Config, loadConfig } from '../cli/config/load.ts'
import type { Io } from '../cli/io.ts'
import { topicConfigs } from '../cli/service/topic-configs.ts'
import { topicSettings } from '../cli/service/topic-settings.ts'
import { startMoto } from '../test/services/moto.ts'
import { freePort } from '../test/services/ports.ts'
import { type Generated, generate } from '../test/support/generate.ts'
import { makeTrailBucket, type TrailBucket } from '../test/support/trail-bucket.ts'
import { type Flow, measureFlow } from './flow.ts'
import { withCount, withLog } from './log.ts'
import { machine } from './machine.ts'
import type { BacklogOptions } from './options.ts'
import { startProduct } from './product.ts'
import { openServices, type Services } from './services.ts'

const RECORDS_PER_OBJECT = 1_000
/** Of the records that are no drift: as in real trails, most only read. */
const READ_SHARE = 0.85
const MIB = 2 ** 20

/** Works a backlog in S3 off, from the announcements to the alerts. Resolves to whether every drift has its alert. */
export async function backlog(options: BacklogOptions, io: Io): Promise<boolean> {
  const dir = mkdtempSync(path.join(tmpdir(), 'tfdrift-bench-'))
  const progress = (text: string) => void io.stderr.write(`${text}\n`)
  const services = await openServices(io.env)
  const moto = await startMoto()
  try {
    const load = generate({
      resources: options.resources,
      events: options.records,
      seed: 1,
      driftShare: options.drifts / 100,
      readShare: READ_SHARE,
    })
    progress('objects are put into S3 and announced')
    const trail = await makeTrailBucket(moto.endpoint)
    const filled = await fill(trail, load)
    const config = await writeConfig({ dir, services, trail, load })
    await withLog(config, ({ bus }) => bus.ensureTopics(topicConfigs(topicSettings(config))))
    progress('tfdrift run works them off')
    const flow = await workOff(config, filled.drifts, io.signal)
    io.stdout.write(report(options, { ...filled, flow, broker: services.broker }))
    return flow.done === filled.drifts && (await trail.left()) === 0
  } finally {
    await moto.stop()
    await services.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Filled {
  drifts: number
  objects: number
  bytes: number
}

async function fill(trail: TrailBucket, load: Generated): Promise<Filled> {
  const filled = { drifts: 0, objects: 0, bytes: 0 }
  let records: object[] = []
  async function put(): Promise<void> {
    const bytes = gzipSync(JSON.stringify({ Records: records }))
    filled.bytes += bytes.length
    await trail.add(`${filled.objects++}.json.gz`, bytes)
    records = []
  }
  for (const { drift, record } of load.labelled()) {
    filled.drifts += Number(drift)
    records.push(record)
    if (records.length === RECORDS_PER_OBJECT) await put()
  }
  if (records.length > 0) await put()
  return filled
}

async function writeConfig(place: {
  dir: string
  services: Services
  trail: TrailBucket
  load: Generated
}): Promise<Config> {
  const { dir, services, trail, load } = place
  const state = path.join(dir, 'terraform.tfstate')
  writeFileSync(state, JSON.stringify(load.state))
  const key = createHash('sha256').update(dir).digest('base64')
  const { queueUrl, endpoint } = trail
  const { brokers, registry } = services
  const content = {
    dataDir: path.join(dir, 'data'),
    bus: { kind: 'kafka', topicPrefix: `${path.basename(dir)}.`, kafka: { brokers, registry } },
    sources: [{ kind: 'cloudtrail-sqs', queueUrl, endpoint, region: 'eu-west-1' }],
    states: [{ kind: 'file', path: state }],
    alerts: { info: true },
    sinks: {},
    http: { port: await freePort() },
    secrets: { hashKey: key, deadLetterKey: key },
    log: { level: 'warn' },
  }
  const file = path.join(dir, 'backlog.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(content))
  return loadConfig(file, {})
}

async function workOff(config: Config, total: number, signal: AbortSignal): Promise<Flow> {
  const worker = startProduct(config, null)
  try {
    const flow = await withCount(config, (count) =>
      measureFlow({ count: () => count('alerts'), total, workers: [worker], signal }),
    )
    await worker.stop()
    return flow
  } finally {
    worker.kill()
  }
}

function report(
  options: BacklogOptions,
  { drifts, objects, bytes, flow, broker }: Filled & { flow: Flow; broker: string },
): string {
  const { records, resources } = options
  const perAlert = records / drifts
  const number = (value: number) => Math.round(value).toLocaleString('en')
  return [
    `${machine()}; ${broker}; S3 and SQS are moto's, on this machine`,
    `${number(records)} records in ${number(objects)} objects (${(bytes / MIB).toFixed(1)} MiB gzipped), ${number(drifts)} of them drifts; ${number(resources)} resources; one process with every role`,
    '',
    `records/s from S3 to alerts  ${number(flow.perSecond * perAlert)}`,
    `alerts/s                     ${number(flow.perSecond)}`,
    `processor µs/record          ${flow.cpuMicros === null ? '-' : number(flow.cpuMicros / perAlert)}`,
    `peak memory, MiB             ${flow.peakBytes === null ? '-' : number(flow.peakBytes / MIB)}`,
    '',
    `${number(flow.done)} of ${number(drifts)} drifts have their alert`,
    '',
  ].join('\n')
}
