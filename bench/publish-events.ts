import type { Config } from '../cli/config/load.ts'
import { createCodecs } from '../cli/service/codecs.ts'
import { topicNamer } from '../cli/service/topic-configs.ts'
import { rawEventHeaders } from '../schemas/headers.ts'
import { rawEventKey } from '../schemas/raw-event-key.ts'
import type { OutRecord } from '../streams/bus.ts'
import type { Load } from './load.ts'
import { withLog } from './log.ts'

const AT_ONCE = 500

/** Puts the events of the load on the log, as a source would. Returns how many there are in each partition. */
export async function publishEvents(config: Config, { events }: Load): Promise<number[]> {
  const name = topicNamer(config.bus)
  return withLog(config, async ({ bus, ids }) => {
    const { rawEvent } = await createCodecs(ids, name)
    const topic = name('raw-events')
    let waiting: OutRecord[] = []
    async function flush(): Promise<void> {
      await bus.publish(waiting)
      waiting = []
    }
    for (const event of events(Buffer.from(config.secrets.hashKey!, 'base64'))) {
      const key = Buffer.from(rawEventKey(event))
      waiting.push({ topic, key, value: rawEvent.encode(event), headers: rawEventHeaders(event) })
      if (waiting.length === AT_ONCE) await flush()
    }
    await flush()
    return (await bus.offsets(topic)).map(({ high }) => high)
  })
}
