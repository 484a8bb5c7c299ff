import type { Feeds } from '../../../streams/kafka-feed.ts'

/** A topic in memory, with how far each group has read it. */
class Topic {
  readonly values: Buffer[] = []
  readonly positions = new Map<string, number>()
  away = false
  wake = () => {}
  lost = (_: Error) => {}
}

export interface FakeFeeds extends Feeds {
  add(topic: string, values: readonly object[]): void
  /** The broker goes away, until something is added again. */
  takeAway(topic: string): void
}

/**
 * Topics in memory that keep what Feeds promises: in order, the next only after the last has been taken, again what
 * was refused. A topic is there once something has been added to it.
 */
export function fakeFeeds(): FakeFeeds {
  const topics = new Map<string, Topic>()

  function topicOf(name: string): Topic {
    const topic = topics.get(name)
    if (!topic) throw new Error(`there is no topic ${name}; create it, or correct its name`)
    return topic
  }

  return {
    add(name, values) {
      const topic = topics.get(name) ?? new Topic()
      topics.set(name, topic)
      topic.values.push(...values.map((value) => Buffer.from(JSON.stringify(value))))
      topic.away = false
      topic.wake()
    },
    takeAway(name) {
      const topic = topicOf(name)
      topic.away = true
      topic.lost(new Error('the broker is away'))
    },
    async check({ topic }) {
      topicOf(topic)
    },
    async read({ topic: name, group, onLost }, handle) {
      const topic = topicOf(name)
      let stopped = false
      let failing = false
      topic.lost = onLost

      async function run(): Promise<void> {
        while (!stopped) {
          const from = topic.positions.get(group) ?? 0
          const values = topic.away ? [] : topic.values.slice(from, from + 50)
          const records = values.map((value, i) => ({ origin: `${name}/0/${from + i}`, value }))
          if (records.length > 0) {
            failing = await handle(records).then(
              () => false,
              () => true,
            )
            if (!failing) topic.positions.set(group, from + records.length)
            await new Promise((resolve) => setImmediate(resolve))
          } else {
            await new Promise<void>((resolve) => {
              topic.wake = resolve
            })
          }
        }
      }

      const running = run()
      return {
        healthy: () => !stopped && !failing && !topic.away,
        async stop() {
          stopped = true
          topic.wake()
          await running
        },
      }
    },
  }
}
