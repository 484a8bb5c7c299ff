import type { Message, RecordMetadata, TopicMessages } from 'kafkajs'

/** Below the broker's message.max.bytes (1 MiB), which bounds what one request may hold for a partition. */
const MAX_PARTITION_BYTES = 900_000
/** kafkajs groups the records of each topic in quadratic time. */
const MAX_TOPIC_RECORDS = 1_000
/** Far below the broker's socket.request.max.bytes (100 MiB), and little to hold in memory. */
const MAX_BYTES = 4_000_000

export interface LaneRecord {
  topic: string
  partition: number
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, string>
  /** On the wire, roughly. */
  bytes: number
}

/** What one call of publish wants stored. */
export interface Job {
  records: readonly LaneRecord[]
  /** False: its records must not be stored any more. Jobs with different guards never share a request. */
  allowed: () => boolean
  resolve: (offsets: number[]) => void
  reject: (error: unknown) => void
  /** Filled as requests are answered. */
  offsets: number[]
  taken: number
  failed: boolean
}

/** What goes to the broker at once: runs of records of one job or several, in the order of the queue. */
export interface Request {
  parts: { job: Job; records: readonly LaneRecord[] }[]
}

/** Takes the next request off the queue; undefined when nothing waits. */
export function takeRequest(queue: Job[]): Request | undefined {
  const request: Request = { parts: [] }
  const room = createRoom()
  for (let job = queue[0]; job; job = queue[0]) {
    if (!job.failed) {
      const leader = request.parts[0]?.job
      if (leader && leader.allowed !== job.allowed) break
      const from = job.taken
      for (let next = job.records[from]; next; next = job.records[job.taken]) {
        if (!room.takes(next)) break
        job.taken++
      }
      if (job.taken > from) request.parts.push({ job, records: job.records.slice(from, job.taken) })
      if (job.taken < job.records.length) break
    }
    queue.shift()
  }
  return request.parts.length > 0 ? request : undefined
}

/** What fits into one request. A record that is too large for any goes alone, so that it fails alone. */
function createRoom(): { takes(record: LaneRecord): boolean } {
  const bytesOf = new Map<string, number>()
  const recordsOf = new Map<string, number>()
  let bytes = 0
  return {
    takes({ topic, partition, bytes: more }) {
      const place = `${topic}/${partition}`
      const there = (bytesOf.get(place) ?? 0) + more
      const records = (recordsOf.get(topic) ?? 0) + 1
      bytes += more
      const large = there > MAX_PARTITION_BYTES || records > MAX_TOPIC_RECORDS || bytes > MAX_BYTES
      if (large && bytes > more) return false
      if (large) bytes = MAX_BYTES
      bytesOf.set(place, there)
      recordsOf.set(topic, records)
      return true
    },
  }
}

export function recordsOf(request: Request): LaneRecord[] {
  return request.parts.flatMap(({ records }) => records)
}

/** The messages of a request as kafkajs wants them; `attempt` rides along on each. */
export function topicMessages<A>(request: Request, attempt: A): TopicMessages[] {
  const topics = new Map<string, (Message & { attempt: A })[]>()
  for (const { topic, partition, key, value, headers } of recordsOf(request)) {
    const messages = topics.get(topic) ?? []
    messages.push({ key, value, headers, partition, attempt })
    topics.set(topic, messages)
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }))
}

/**
 * Gives each record its offset: the records of a request that go to one partition are one batch there. Throws if the
 * broker's answer leaves a partition out: when a leader moves between kafkajs' attempts, it may take a broker that
 * has already answered for another partition as done, and never send the records of this one.
 */
export function confirm(request: Request, answers: readonly RecordMetadata[]): void {
  const next = new Map<string, number>()
  for (const { topicName, partition, baseOffset } of answers) {
    next.set(`${topicName}/${partition}`, Number(baseOffset ?? -1))
  }
  const offsets = request.parts.map(({ records }) =>
    records.map(({ topic, partition }) => {
      const place = `${topic}/${partition}`
      const offset = next.get(place) ?? -1
      if (offset < 0) throw new Error(`the broker has not confirmed the records for ${place}`)
      next.set(place, offset + 1)
      return offset
    }),
  )
  request.parts.forEach(({ job }, index) => {
    job.offsets.push(...offsets[index]!)
    if (job.offsets.length === job.records.length) job.resolve(job.offsets)
  })
}

/** Gives up what the request carries and whatever else its jobs still have waiting. */
export function refuse(request: Request, error: unknown): void {
  for (const { job } of request.parts) {
    job.failed = true
    job.reject(error)
  }
}
