import { setTimeout as pause } from 'node:timers/promises'
import type { ObjectName } from '../../../connectors/sources/aws/announcements.ts'
import type { Objects } from '../../../connectors/sources/aws/objects.ts'
import type { Queue, QueueMessage } from '../../../connectors/sources/aws/queue.ts'
import { cloudtrailSqs, cloudtrailSqsConfig } from '../../../connectors/sources/cloudtrail-sqs.ts'
import { aRecord, hashKey } from './a-record.ts'
import type { SourceHarness } from './source.contract.ts'

/** As the SDK throws it. */
export function awsError(name: string): Error {
  return Object.assign(new Error('a text that may quote the request'), { name })
}

interface Held extends QueueMessage {
  visibleAt: number
}

/** A queue in memory that leases messages, and gives a new receipt each time, after which the old is refused. */
export class FakeQueue implements Queue {
  messages: Held[] = []
  gone = false
  /** Names of the calls, with the ids of the messages. */
  calls: string[] = []
  /** Ids of messages whose entries fail in the next batch call of that name that has them. */
  failing = new Map<'lease' | 'remove', string[]>()
  readonly #visibilityMs: number
  #next = 0

  constructor(visibilityMs = 300_000) {
    this.#visibilityMs = visibilityMs
  }

  send(body: string): string {
    const id = `m${this.#next++}`
    this.messages.push({ id, body, receipt: '', received: 0, visibleAt: 0 })
    return id
  }

  async look(): Promise<void> {
    if (this.gone) throw awsError('QueueDoesNotExist')
  }

  async receive(signal: AbortSignal): Promise<QueueMessage[]> {
    await this.look()
    for (let waits = 0; waits < 5 && !signal.aborted; waits++) {
      const visible = this.messages.filter(({ visibleAt }) => visibleAt <= Date.now()).slice(0, 10)
      for (const message of visible) {
        message.received++
        message.receipt = `${message.id}-${message.received}`
        message.visibleAt = Date.now() + this.#visibilityMs
      }
      if (visible.length > 0) return visible.map(({ visibleAt: _, ...message }) => message)
      await pause(2, undefined, { signal }).catch(() => {})
    }
    return []
  }

  async lease(messages: readonly QueueMessage[], seconds: number): Promise<QueueMessage[]> {
    return this.#each('lease', messages, (held) => {
      // A wait of seconds would be one of the tests: soon is enough.
      held.visibleAt = seconds * 1000 < this.#visibilityMs ? 0 : Date.now() + seconds * 1000
    })
  }

  async remove(messages: readonly QueueMessage[]): Promise<QueueMessage[]> {
    return this.#each('remove', messages, (held) => {
      this.messages = this.messages.filter((one) => one !== held)
    })
  }

  close(): void {}

  #each(
    name: 'lease' | 'remove',
    messages: readonly QueueMessage[],
    change: (held: Held) => void,
  ): QueueMessage[] {
    if (messages.length < 1 || messages.length > 10) throw awsError('TooManyEntriesInBatchRequest')
    this.calls.push(`${name} ${messages.map(({ id }) => id).join(' ')}`)
    const failing = this.failing.get(name) ?? []
    return messages.filter((message) => {
      const held = this.messages.find(({ receipt }) => receipt === message.receipt)
      const at = failing.indexOf(message.id)
      if (at >= 0) failing.splice(at, 1)
      if (!held || at >= 0) return true
      change(held)
      return false
    })
  }
}

/** A bucket in memory. */
export class FakeObjects implements Objects {
  readonly objects = new Map<string, Buffer>()
  /** Thrown by every call. */
  fault: Error | undefined

  put({ bucket, key }: ObjectName, content: object): void {
    this.objects.set(`${bucket}/${key}`, Buffer.from(JSON.stringify(content)))
  }

  async read({ bucket, key }: ObjectName, maxBytes: number): Promise<Buffer | null> {
    if (this.fault) throw this.fault
    const bytes = this.objects.get(`${bucket}/${key}`)
    if (!bytes) throw awsError('NoSuchKey')
    return bytes.length > maxBytes ? null : bytes
  }

  async *list(bucket: string, prefix: string, after = ''): AsyncGenerator<string> {
    if (this.fault) throw this.fault
    for (const key of this.#keys(bucket)) if (key.startsWith(prefix) && key > after) yield key
  }

  async folders(bucket: string, prefix: string): Promise<string[]> {
    if (this.fault) throw this.fault
    const below = this.#keys(bucket).flatMap((key) =>
      key.startsWith(prefix) ? [key.slice(prefix.length)] : [],
    )
    return [...new Set(below.flatMap((key) => /^[^/]+\//.exec(key)?.[0] ?? []))]
  }

  close(): void {}

  #keys(bucket: string): string[] {
    const own = [...this.objects.keys()].filter((name) => name.startsWith(`${bucket}/`))
    return own.map((name) => name.slice(bucket.length + 1)).sort()
  }
}

/** The key that CloudTrail gives to a file. */
export function trailKey(name: string, { account = '123456789012', kind = 'CloudTrail' } = {}): string {
  const region = 'eu-west-1'
  return `AWSLogs/${account}/${kind}/${region}/2026/03/01/${account}_CloudTrail_${region}_${name}.json.gz`
}

/** The harness of the contract suite: each folder stands for a queue. */
export function fakeTrail(): SourceHarness {
  const queues = new Map<string, FakeQueue>()
  const objects = new FakeObjects()
  let next = 0

  function queueOf(folder: string): FakeQueue {
    const queue = queues.get(folder) ?? new FakeQueue()
    queues.set(folder, queue)
    if (folder.endsWith('/missing')) queue.gone = true
    return queue
  }

  return {
    create(folder) {
      const config = cloudtrailSqsConfig.parse({ queueUrl: `http://queue${folder}` })
      const open = async () => ({ queue: queueOf(folder), objects })
      return cloudtrailSqs(config, { hashKey, pollMs: 5, open })
    },
    add(folder, count) {
      const queue = queueOf(folder)
      queue.gone = false
      const Records = Array.from({ length: count }, () => aRecord({ eventID: `sqs-${next++}` }))
      const object = { bucket: 'trail', key: trailKey(String(next++)) }
      objects.put(object, { Records })
      queue.send(JSON.stringify({ s3Bucket: object.bucket, s3ObjectKey: [object.key] }))
    },
    namesIn: (outputs) => outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId)),
    breakPlace(folder) {
      queueOf(folder).gone = true
    },
    placeName: /cloudtrail-sqs: queueUrl: http:\/\/queue.*missing: there is no such thing; create it/,
  }
}
