import { type Codec, createCodec } from '../../schemas/codec.ts'
import type { InRecord } from '../../streams/bus.ts'
import { safeMessage } from '../log.ts'
import { topicNamer } from '../service/topic-configs.ts'
import { masked } from './masked.ts'
import type { Operation } from './operation.ts'
import { topicSpec } from './topic-spec.ts'

/** A topic's records, decoded and masked; with `follow`, also those to come. */
export const tap: Operation<{ topic: string; follow?: boolean }> = async (
  { config, bus, ids },
  args,
  emit,
  signal,
) => {
  const full = topicNamer(config.bus)
  const spec = topicSpec(args.topic, full)
  const topic = full(spec.name)
  if (!(await bus.describe(topic)))
    throw new Error(`${topic} does not exist yet; tfdrift topics create makes it`)
  const codec = spec.schema && (await createCodec(spec.schema, topic, ids))
  const tail = await bus.tail({ topics: [topic], from: () => 0 }, async ({ records }) => {
    for (const record of records) emit(await shown(record, codec as Codec<object> | null))
  })
  await tail.caughtUp()
  if (args.follow && !signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }
  await tail.stop()
}

async function shown(record: InRecord, codec: Codec<object> | null): Promise<object> {
  const { partition, offset, timestamp, key, headers } = record
  const place = {
    partition,
    offset,
    timestamp: new Date(timestamp).toISOString(),
    key: key?.toString() ?? null,
    headers,
  }
  return { ...place, value: await decoded(record, codec) }
}

async function decoded({ value }: InRecord, codec: Codec<object> | null): Promise<unknown> {
  if (value === null) return null
  if (!codec) return { sealedBytes: value.length }
  try {
    return masked(await codec.decode(value))
  } catch (error) {
    return { undecodable: safeMessage(error as Error), bytes: value.length }
  }
}
