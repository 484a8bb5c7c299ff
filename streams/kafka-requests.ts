import type { Message, RecordMetadata, TopicMessages } from 'kafkajs'

/** Below the broker's message.max.bytes (1 MiB), which bounds what one request may hold for a partition. */
const MAX_BYTES = 900_000
/** kafkajs groups the records of a request in quadratic time. */
const MAX_RECORDS = 1_000

export interface LaneRecord {
  topic: string
  partition: number
  message: Omit<Message, 'partition'>
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
  let bytes = 0
  let count = 0
  for (let job = queue[0]; job; job = queue[0]) {
    if (!job.failed) {
      const leader = request.parts[0]?.job
      if (leader && leader.allowed !== job.allowed) break
      const from = job.taken
      for (let next = job.records[from]; next; next = job.records[job.taken]) {
        if (count > 0 && (count === MAX_RECORDS || bytes + next.bytes > MAX_BYTES)) break
        bytes += next.bytes
        count++
        job.taken++
      }
      if (job.taken > from) request.parts.push({ job, records: job.records.slice(from, job.taken) })
      if (job.taken < job.records.length) break
    }
    queue.shift()
  }
  return request.parts.length > 0 ? request : undefined
}

export function recordsOf(request: Request): LaneRecord[] {
  return request.parts.flatMap(({ records }) => records)
}

/** The messages of a request as kafkajs wants them; `extra` rides along on each. */
export function topicMessages(request: Request, extra: object): TopicMessages[] {
  const topics = new Map<string, Message[]>()
  for (const { topic, partition, message } of recordsOf(request)) {
    const messages = topics.get(topic) ?? []
    messages.push({ ...message, partition, ...extra })
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
