/** What the bare loop is told, and what it answers, over the channel between parent and child. */
export interface BareJob {
  brokers: string[]
  group: string
  from: string
  /** The Avro schema of what it reads. */
  schema: string
  /** For each event one record of each topic, taken in turn. */
  outputs: { topic: string; records: BareRecord[] }[]
  /** A folder for its store, and how many rows to fill it with, taken in turn. */
  store: string
  rows: number
  row: Buffer[]
}

export interface BareRecord {
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, string>
  partition: number
}

/** Sent by the child when its store is full, and by the parent to let it begin. */
export type BareSignal = 'filled' | 'begin'
