import { topology } from '../../processors/topology.ts'
import { createCodecs } from '../service/codecs.ts'
import { topicConfigs, topicNamer } from '../service/topic-configs.ts'
import { topicSettings } from '../service/topic-settings.ts'
import type { Operation } from './operation.ts'
import { topicSpec } from './topic-spec.ts'

/** The topology with what the log says of each topic: partitions, cleanup, records kept. */
export const topics: Operation<{ topic?: string }> = async ({ config, bus }, args, emit) => {
  const full = topicNamer(config.bus)
  for (const spec of args.topic === undefined ? topology : [topicSpec(args.topic, full)]) {
    const topic = full(spec.name)
    const described = await bus.describe(topic)
    const offsets = described ? await bus.offsets(topic) : []
    emit({
      topic,
      exists: described !== null,
      partitions: described?.partitions ?? 0,
      cleanup: described?.cleanup ?? spec.cleanup,
      records: offsets.reduce((sum, { low, high }) => sum + high - low, 0),
      key: spec.key,
      schema: spec.schema,
      writers: spec.writers,
      readers: spec.readers,
      offsets,
    })
  }
}

/** Creates what is missing and registers the schemas; throws if what exists contradicts the topology. */
export const createTopics: Operation<object> = async ({ config, bus, ids }, _, emit) => {
  const wanted = topicConfigs(topicSettings(config))
  await bus.ensureTopics(wanted)
  await createCodecs(ids, topicNamer(config.bus))
  for (const { name, partitions, cleanup } of wanted) emit({ topic: name, partitions, cleanup })
}
