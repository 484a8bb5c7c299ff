import type { Logger } from '../../connectors/source.ts'
import type { TopicName } from '../../processors/topology.ts'
import type { Bus } from '../../streams/bus.ts'
import type { Metrics } from '../../streams/metrics.ts'
import type { Config } from '../config/load.ts'
import type { Problem } from '../health-server.ts'
import type { Io } from '../io.ts'
import type { Codecs } from './codecs.ts'
import type { ServiceTables } from './tables.ts'

/** What the roles of one process share. */
export interface ServiceContext {
  config: Config
  io: Io
  bus: Bus
  codecs: Codecs
  tables: ServiceTables
  topic: (name: TopicName) => string
  /** Name of a consumer group, with the prefix of the topics. */
  group: (name: string) => string
  secrets: { hashKey: Buffer; deadLetterKey: Buffer }
  metrics: Metrics
  log: Logger
  /** The process cannot go on. */
  onFatal: (error: Error) => void
}

/** A role that runs. */
export interface RunningRole {
  /** Why events do not flow through it; empty while they do. */
  problems(): Problem[]
  /** What an operator should mend, though events flow. */
  warnings?(): Problem[]
  /** Brings the metrics of what it looks after up to date. */
  observe?(): void
  /** Drains, and resolves when nothing of it runs any more. */
  stop(): Promise<void>
}
