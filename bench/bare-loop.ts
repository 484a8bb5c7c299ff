import { once } from 'node:events'
import avro from 'avsc'
import kafkajs, { type Consumer, type EachBatchPayload, type KafkaMessage, type Producer } from 'kafkajs'
import RocksDB from 'rocksdb-native'
import type { BareJob, BareSignal } from './bare-job.ts'

// A process of its own: what the product's work costs at the least, with the same libraries and none of its code.
// Consume, decode, parse, look a row up, produce as many bytes, commit. Its parent tells it what to do.

/** What the product takes at once, too; no other size from 100 to 2,000 was faster. */
const AT_ONCE = 500
/** kafkajs groups the records of a request in quadratic time, so that two requests are faster than one. */
const TOPICS_A_REQUEST = 2
const WIRE_HEADER = 5

async function start(job: BareJob): Promise<() => Promise<void>> {
  const db = await filledStore(job)
  process.send!('filled' satisfies BareSignal)
  await once(process, 'message')

  const { brokers, group: clientId } = job
  const kafka = new kafkajs.Kafka({ clientId, brokers, logLevel: kafkajs.logLevel.ERROR })
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  const consumer = kafka.consumer({ groupId: job.group, allowAutoTopicCreation: false })
  await Promise.all([producer.connect(), consumer.connect()])
  await consume(job, { db, producer, consumer })
  return async () => {
    await Promise.all([producer.disconnect(), consumer.disconnect()])
    await db.close()
  }
}

async function filledStore({ store, rows, row }: BareJob): Promise<RocksDB> {
  const db = new RocksDB(store, { writeBufferSize: 16 * 1024 * 1024, maxBackgroundJobs: 2 })
  await db.ready()
  for (let from = 0; from < rows; from += AT_ONCE) {
    const batch = db.write({ autoDestroy: true, capacity: AT_ONCE })
    for (let n = from; n < Math.min(rows, from + AT_ONCE); n++) batch.tryPut(keyOf(n), row[n % row.length]!)
    await batch.flush()
  }
  return db
}

interface Tools {
  db: RocksDB
  producer: Producer
  consumer: Consumer
}

async function consume(job: BareJob, { db, producer, consumer }: Tools): Promise<void> {
  const type = avro.Type.forSchema(JSON.parse(job.schema), { wrapUnions: false })
  const resolver = type.createResolver(type)
  let events = 0

  async function handle(messages: readonly KafkaMessage[]): Promise<void> {
    const read = db.read({ autoDestroy: true, capacity: messages.length })
    const rows: Promise<Buffer | null>[] = []
    for (const { value } of messages) {
      JSON.parse(type.fromBuffer(value!.subarray(WIRE_HEADER), resolver).payload)
      rows.push(read.get(keyOf(Math.floor(Math.random() * job.rows))))
    }
    await Promise.all([...rows, read.flush()])
    await produce(messages.length)
  }

  async function produce(count: number): Promise<void> {
    const topicMessages = job.outputs.map(({ topic, records }) => ({
      topic,
      messages: Array.from({ length: count }, (_, n) => ({ ...records[(events + n) % records.length]! })),
    }))
    events += count
    const requests = []
    for (let at = 0; at < topicMessages.length; at += TOPICS_A_REQUEST) {
      const part = topicMessages.slice(at, at + TOPICS_A_REQUEST)
      requests.push(producer.sendBatch({ acks: -1, topicMessages: part }))
    }
    await Promise.all(requests)
  }

  async function eachBatch({ batch, commitOffsetsIfNecessary, ...payload }: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = batch
    for (let from = 0; from < messages.length && !payload.isStale(); from += AT_ONCE) {
      const part = messages.slice(from, from + AT_ONCE)
      await handle(part)
      const { offset } = part.at(-1)!
      const partitions = [{ partition, offset: String(Number(offset) + 1) }]
      await commitOffsetsIfNecessary({ topics: [{ topic, partitions }] })
      payload.resolveOffset(offset)
      await payload.heartbeat()
    }
  }

  await consumer.subscribe({ topic: job.from, fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch })
}

function keyOf(n: number): string {
  return `aws_instance\0i-${n.toString(16).padStart(17, '0')}`
}

const [job] = (await once(process, 'message')) as [BareJob]
const stop = await start(job)
process.once('SIGTERM', () => void stop().then(() => process.disconnect()))
process.once('disconnect', () => process.exit())
