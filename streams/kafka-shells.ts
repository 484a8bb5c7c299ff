import type { Consumer, Kafka } from 'kafkajs'
import { captureEnds, type Ends } from './kafka-ends.ts'
import type { Place, Places } from './kafka-places.ts'
import { quietWatch } from './kafka-quiet.ts'
import type { Logger } from './logger.ts'

export interface Shells {
  /** Listens to the fetches of a consumer. */
  follow(consumer: Consumer): void
  /** The consumer has joined: it will read from the places. */
  joined(consumer: Consumer): void
  /** The place has moved, or its end has. */
  changed(place: Place): void
  stop(): void
}

/**
 * Takes a tail past the shells of batches whose records have all been compacted away, where kafkajs would fetch the
 * same shell for ever: once it is proven that nothing stands before a partition's captured end, reading goes on there.
 */
export function passShells(
  options: { kafka: Kafka; topics: readonly string[]; maxWaitMs: number; maxBytes: number; log: Logger },
  places: Places,
  start: Ends,
): Shells {
  const { kafka, topics, maxWaitMs, maxBytes, log } = options
  const quiet = quietWatch(2 * maxWaitMs, maxBytes / 2)
  let known: Ends | undefined = start
  let reader: Consumer | undefined
  let looking = false

  async function look(): Promise<void> {
    const behind = places.behind()
    const consumer = reader
    if (behind.length === 0 || !consumer || looking) return
    looking = true
    try {
      known ??= await captureEnds(kafka, topics)
      for (const place of behind) {
        if (quiet.isQuiet(nameOf(place))) pass(consumer, place)
        else quiet.watch(nameOf(place), leaderOf(known, place))
      }
    } catch (err) {
      log.debug({ topics, err }, 'could not look for compacted ends of the log; will look again')
    } finally {
      looking = false
    }
  }

  function pass(consumer: Consumer, place: Place): void {
    const { topic, partition, next, end } = place
    consumer.seek({ topic, partition, offset: String(end) })
    quiet.moved(nameOf(place))
    place.read = end
    places.moveTo(place, end)
    log.info(
      { topic, partition, from: next, to: end },
      'everything up to the end of the log has been compacted away',
    )
  }

  function follow(consumer: Consumer): void {
    const address = (node: number) => known?.brokers.get(String(node)) ?? ''
    consumer.on(consumer.events.FETCH_START, ({ payload }) => quiet.fetchBegins(address(payload.nodeId)))
    consumer.on(consumer.events.FETCH, ({ payload }) => quiet.fetchEnds(address(payload.nodeId)))
    consumer.on(consumer.events.REQUEST, ({ payload: { apiName, broker, size } }) => {
      if (apiName === 'Fetch') quiet.answered(broker, size)
    })
  }

  function joined(consumer: Consumer): void {
    // A join is how kafkajs answers to leaders that have moved.
    if (reader) known = undefined
    reader = consumer
    quiet.reset()
  }

  const timer = setInterval(() => void look(), maxWaitMs)
  return {
    follow,
    joined,
    changed: (place) => quiet.moved(nameOf(place)),
    stop: () => clearInterval(timer),
  }
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`
}

function leaderOf({ partitions }: Ends, place: Place): string {
  return partitions.find((each) => nameOf(each) === nameOf(place))?.leader ?? ''
}
