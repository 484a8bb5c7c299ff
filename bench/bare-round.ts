import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Config } from '../cli/config/load.ts'
import { topicNamer } from '../cli/service/topic-configs.ts'
import type { TopicName } from '../processors/topology.ts'
import { schemaText } from '../schemas/index.ts'
import type { BareJob, BareSignal } from './bare-job.ts'
import { createChild } from './child.ts'
import { type Flow, measureFlow } from './flow.ts'
import { countOf, readRecords, withLog } from './log.ts'
import type { ProductOptions } from './product-round.ts'
import { writeConfig } from './setting.ts'

const LOOP = path.join(import.meta.dirname, 'bare-loop.js')
/** So many of the product's records are produced in turn. */
const SAMPLE = 2_000
const OUTPUTS: TopicName[] = ['diffs', 'matches', 'alerts', 'alert-status']

/** The bare loop over the events of the product's round, producing records like those that the product has produced. */
export async function runBare(options: ProductOptions): Promise<Flow> {
  const { instances, events, signal, progress } = options
  const config = await writeConfig(options, 'bare')
  return withLog(config, async ({ bus }) => {
    const job = await createJob(options, config, bus)
    await bus.ensureTopics(job.outputs.map(({topic}) => ({ name: topic, partitions: config.bus.partitions, cleanup: 'delete' })))
    ...
  })
}
