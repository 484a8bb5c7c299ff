import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { retry } from './kafka-client.ts'
import { isHopeless, isPassing, isUnknownTopic } from './kafka-errors.ts'
import type { Logger } from './logger.ts'

/** So many crashes in a row that kafkajs calls final, without a heartbeat between, are believed. */
const FINAL_CRASHES = 10
/** So many crashes in a row because of a topic that a broker does not have, before it is asked: it may be starting. */
const GONE_CRASHES = 3
/** For how long the broker may hold a fetch while there is nothing to read, and so for how long stop may take. */
const MAX_WAIT_MS = 500
const LONGEST_PAUSE_MS = 5_000
/** More than the largest batch that a broker takes by default, which could else be passed over for smaller ones. */
const MAX_BYTES_PER_PARTITION = 1024 * 1024 + 64 * 1024

export interface MemberOptions {
  kafka: Kafka
  group: string
  topics: readonly string[]
  sessionTimeoutMs: number
  /** After so long the brokers are asked anew who leads which partition. Default: as kafkajs has it, 5 minutes. */
  metadataMaxAgeMs?: number | undefined
  concurrency: number
  /** Runs at once after each join, before anything of the new assignment is fetched: the place for seek. */
  onJoin: (consumer: Consumer, assigned: { topic: string; partition: number }[]) => void
  /** Each time the coordinator confirms that this is a member. */
  onContact?: () => void
  /** To listen to more of kafkajs' events; each restart makes a new consumer. */
  onConsumer?: (consumer: Consumer) => void
  eachBatch: (payload: EachBatchPayload) => Promise<void>
  /** Which of the topics there are no more. Left out: they are waited for. */
  missing?: ((topics: readonly string[]) => Promise<string[]>) | undefined
  /** Each time the member has lost its group, or cannot join it, and will try again. */
  onLost?: ((error: Error) => void) | undefined
  onFatal: (error: Error) => void
  log: Logger
}

export interface Member {
  stop(): Promise<void>
  /** True while the coordinator has heard of this member within a session. */
  healthy(): boolean
}

/**
 * A consumer that commits nothing by itself and stays in its group for good. kafkajs gives up where waiting would do
 * (after a restart of the broker, for one) and cannot be stopped while it restarts by itself; so each restart is ours,
 * with a fresh consumer.
 */
export async function joinGroup(options: MemberOptions): Promise<Member> {
  const { group, log } = options
  let consumer: Consumer | undefined
  let starting: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let joined = false
  let contact = 0
  let crashes = 0
  let unknownTopics = 0

  function touch(): void {
    contact = Date.now()
    options.onContact?.()
  }

  async function start(): Promise<void> {
    const fresh = createConsumer(options)
    consumer = fresh
    fresh.on(fresh.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      joined = true
      touch()
      const assigned = partitionsOf(memberAssignment)
      options.onJoin(fresh, assigned)
      // Who is given nothing fetches nothing, and so would never crash for want of the topic.
      if (assigned.length === 0) void endIfGone()
    })
    fresh.on(fresh.events.HEARTBEAT, () => {
      crashes = 0
      touch()
    })
    fresh.on(fresh.events.CRASH, ({ payload: { error } }) => crashed(error))
    options.onConsumer?.(fresh)
    await fresh.connect()
    await fresh.subscribe({ topics: [...options.topics], fromBeginning: true })
    await fresh.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.concurrency,
      eachBatch: options.eachBatch,
    })
  }

  function crashed(error: Error): void {
    joined = false
    if (stopped) return
    crashes++
    // Not ended by a heartbeat: a member without its topic may join and beat before it fetches again.
    unknownTopics = isUnknownTopic(error) ? unknownTopics + 1 : 0
    if (isHopeless(error) || (!isPassing(error) && crashes >= FINAL_CRASHES)) {
      log.error({ group, err: error }, 'the member cannot go on')
      options.onFatal(error)
      return
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** (crashes - 1)) * (0.5 + Math.random() / 2)
    log.warn({ group, err: error, crashes, pauseMs }, 'the member has lost its group and will join it again')
    options.onLost?.(error)
    const gone = unknownTopics >= GONE_CRASHES
    timer = setTimeout(gone ? endOrRestart : restart, pauseMs)
  }

  /** A topic that has been deleted does not come back by waiting, and what comes back under its name is another one. */
  async function endIfGone(): Promise<boolean> {
    const [gone] = (await options.missing?.(options.topics).catch(() => [])) ?? []
    if (stopped) return true
    if (gone === undefined) return false
    const error = new Error(
      `topic ${gone} was deleted while it was in use; start again, which makes it anew, or restore it first`,
    )
    log.error({ group, err: error }, 'the member cannot go on')
    options.onFatal(error)
    return true
  }

  async function endOrRestart(): Promise<void> {
    if (!(await endIfGone())) restart()
  }

  function restart(): void {
    starting = start()
      .catch(async (error) => {
        await leave()
        crashed(error)
      })
      .finally(() => {
        starting = undefined
      })
  }

  async function leave(): Promise<void> {
    await consumer
      ?.disconnect()
      .catch((err) => log.debug({ group, err }, 'the member did not leave in good order'))
  }

  async function stop(): Promise<void> {
    stopped = true
    clearTimeout(timer)
    await starting
    await leave()
  }

  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return { stop, healthy: () => joined && !stopped && Date.now() - contact < options.sessionTimeoutMs }
}

function createConsumer({ kafka, group, sessionTimeoutMs, metadataMaxAgeMs }: MemberOptions): Consumer {
  return kafka.consumer({
    groupId: group,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.floor(sessionTimeoutMs / 3),
    maxWaitTimeInMs: MAX_WAIT_MS,
    maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
    allowAutoTopicCreation: false,
    ...(metadataMaxAgeMs !== undefined && { metadataMaxAge: metadataMaxAgeMs }),
    retry: { ...retry, restartOnFailure: async () => false },
  })
}

function partitionsOf(assignment: Record<string, number[]>): { topic: string; partition: number }[] {
  return Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  )
}
