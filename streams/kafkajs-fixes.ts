import { createRequire } from 'node:module'
import { type OutgoingRecord, recordBytes } from './kafkajs-record.ts'

/** The only release whose source these have been checked against. */
const CHECKED = '2.2.4'

/**
 * Mends three faults of kafkajs, whose last release is from 2023, from the outside. Returns false, and does nothing, on
 * any other release than the one checked: an idle process then burns more, a tail may stall at the end of a compacted
 * topic, and publishing costs more.
 */
export function fixKafkajs(): boolean {
  const require = createRequire(import.meta.url)
  if (require('kafkajs/package.json').version !== CHECKED) return false
  const queue: RequestQueue = require('kafkajs/src/network/requestQueue').prototype
  if (Object.hasOwn(queue.scheduleCheckPendingRequests, 'fixed')) return true
  calmIdleTimer(queue)
  readPastEmptiedBatches(require)
  writeRecordsAtOnce(require)
  return true
}

interface RequestQueue {
  pending: unknown[]
  scheduleCheckPendingRequests(): void
}

/**
 * An idle connection wakes up every millisecond (issue 1751; on Node 24 with a warning): the queue arms its timer with
 * a negative delay even when no request waits. When one waits, the original runs unchanged.
 */
function calmIdleTimer(queue: RequestQueue): void {
  const original = queue.scheduleCheckPendingRequests
  function scheduleCheckPendingRequests(this: RequestQueue) {
    if (this.pending.length > 0) original.call(this)
  }
  queue.scheduleCheckPendingRequests = Object.assign(scheduleCheckPendingRequests, { fixed: true })
}

interface RecordBatch {
  firstOffset: string
  lastOffsetDelta: number
  records: { offset: string; batchContext?: RecordBatch }[]
}

const INVISIBLE = { key: null, value: null, headers: {}, isControlRecord: true }

/**
 * Compaction leaves a producer's last batch in place when all its records have gone, and keeps the offset of a batch's
 * last record when that one has. kafkajs counts only the records that are left, so it fetches the same empty batch for
 * ever (issue 1072). An invisible record where the batch ends, like the one that ends a transaction, leads it on.
 */
function readPastEmptiedBatches(require: NodeJS.Require): void {
  const path = require.resolve('kafkajs/src/protocol/recordBatch/v0/decoder')
  const decode: (from: unknown) => Promise<RecordBatch> = require(path)
  require.cache[path]!.exports = async function decodeToTheEnd(from: unknown): Promise<RecordBatch> {
    const batch = await decode(from)
    const end = String(BigInt(batch.firstOffset) + BigInt(batch.lastOffsetDelta))
    if (batch.records.at(-1)?.offset !== end)
      batch.records.push({ ...INVISIBLE, offset: end, batchContext: batch })
    return batch
  }
  reload(require, /requests[\\/]fetch[\\/]v\d+[\\/](response|decodeMessages)\.js$/)
}

/** kafkajs makes a buffer of 512 bytes for each header and each record, and copies each into the next. */
function writeRecordsAtOnce(require: NodeJS.Require): void {
  const Encoder: new (
    size: number,
  ) => { buf: Buffer; offset: number } = require('kafkajs/src/protocol/encoder')
  const path = require.resolve('kafkajs/src/protocol/recordBatch/record/v0/index')
  const original: (record: unknown) => unknown = require(path)
  require.cache[path]!.exports = function encodeRecord(record: unknown) {
    if (!isOurs(record)) return original(record)
    const buf = recordBytes(record)
    return Object.assign(Object.create(Encoder.prototype), { buf, offset: buf.length })
  }
  reload(require, /requests[\\/]produce[\\/]v\d+[\\/]request\.js$/)
}

/** What is published here has bytes and texts; kafkajs also takes texts as bytes, and lists of header values. */
function isOurs(record: unknown): record is OutgoingRecord {
  const { key, value, headers = {} } = record as OutgoingRecord
  const bytes = [key, value].every((one) => one === null || Buffer.isBuffer(one))
  return bytes && Object.values(headers).every((one) => typeof one === 'string')
}

/** kafkajs requires these again for each request; what has been loaded before still holds the original. */
function reload(require: NodeJS.Require, paths: RegExp): void {
  for (const loaded of Object.keys(require.cache)) if (paths.test(loaded)) delete require.cache[loaded]
}
