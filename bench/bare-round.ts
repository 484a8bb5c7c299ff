import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Config } from '../cli/config/load.ts'
import { topicNamer } from '../cli/service/topic-configs.ts'
import type { TopicName } from '../processors/topology.ts'
import { schemaText } from '../schemas/index.ts'
import type { Bus } from '../streams/bus.ts'
import type { BareJob, BareSignal } from './bare-job.ts'
import { createChild } from './child.ts'
import { type Flow, measureFlow } from './flow.ts'
import { countOf, readRecords, withLog } from './log.ts'
import type { ProductOptions } from './product-round.ts'
import { writeConfig } from './setting.ts'

const LOOP = path.join(import.meta.dirname, 'bare-loop.js')
const OUTPUTS: TopicName[] = ['diffs', 'matches', 'alerts', 'alert-status']
/** So many of the product's records are taken in turn. */
const SAMPLE = 2_000

/** The bare loop, over the events that the product has had and with records that the product has produced. */
export async function runBare(options: ProductOptions): Promise<Flow> {
  const config = await writeConfig(options, 'bare')
  return withLog(config, async ({ bus }) => {
    options.progress('the bare loop fills its store')
    const job = await createJob(bus, config, options)
    const { partitions } = config.bus
    await bus.ensureTopics(job.outputs.map(({ topic }) => ({ name: topic, partitions, cleanup: 'delete' })))
    return workOff(bus, job, options)
  })
}

async function createJob(
  bus: Bus,
  config: Config,
  { services, prefix, resources }: ProductOptions,
): Promise<BareJob> {
  const topic = topicNamer(config.bus)
  const outputs: BareJob['outputs'] = []
  for (const name of OUTPUTS) {
    const records = await readRecords(bus, topic(name), SAMPLE)
    outputs.push({
      topic: `${prefix}bare.${name}`,
      records: records.map(({ key, value, headers, partition }) => ({ key, value, headers, partition })),
    })
  }
  const rows = await readRecords(bus, topic('state-snapshot'), SAMPLE)
  return {
    brokers: services!.brokers,
    group: `${prefix}bare`,
    from: topic('raw-events'),
    schema: schemaText('raw-event'),
    outputs,
    store: config.dataDir,
    rows: resources,
    row: rows.map(({ value }) => value!),
  }
}

async function workOff(
  bus: Bus,
  job: BareJob,
  { instances, events, progress, signal }: ProductOptions,
): Promise<Flow> {
  const processes = Array.from({ length: instances }, () =>
    fork(LOOP, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
  )
  const workers = processes.map((one) => createChild('the bare loop', one))
  try {
    await Promise.all(processes.map((one, n) => tell(one, { ...job, store: `${job.store}-${n}` })))
    progress('the bare loop works the events off')
    for (const one of processes) one.send('begin' satisfies BareSignal)
    const alerts = job.outputs[OUTPUTS.indexOf('alerts')]!.topic
    const flow = await measureFlow({ count: () => countOf(bus, alerts), total: events, workers, signal })
    await Promise.all(workers.map((worker) => worker.stop()))
    return flow
  } finally {
    for (const worker of workers) worker.kill()
  }
}

/** Resolves when the child is ready to begin. */
async function tell(child: ChildProcess, job: BareJob): Promise<void> {
  const over = new AbortController()
  const ended = once(child, 'exit', over).then(() =>
    Promise.reject(new Error('the bare loop could not start')),
  )
  child.send(job)
  await Promise.race([once(child, 'message', over), ended]).finally(() => {
    ended.catch(() => {})
    over.abort()
  })
}
