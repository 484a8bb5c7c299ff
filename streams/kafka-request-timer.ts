import { createRequire } from 'node:module'

/** The only release whose source this has been checked against. */
const CHECKED = '2.2.4'

interface RequestQueue {
  pending: unknown[]
  scheduleCheckPendingRequests(): void
}

/**
 * Stops an idle kafkajs connection from waking up every millisecond: its request queue re-arms a timer with a
 * negative delay even when no request waits (kafkajs issue 1751; on Node 24 it also warns each time). With a
 * request waiting, the original runs unchanged. Does nothing on any other release.
 */
export function calmRequestTimer(): void {
  const require = createRequire(import.meta.url)
  if (require('kafkajs/package.json').version !== CHECKED) return
  const queue: RequestQueue = require('kafkajs/src/network/requestQueue').prototype
  if (Object.hasOwn(queue.scheduleCheckPendingRequests, 'calm')) return
  const original = queue.scheduleCheckPendingRequests
  queue.scheduleCheckPendingRequests = Object.assign(
    function scheduleCheckPendingRequests(this: RequestQueue) {
      if (this.pending.length > 0) original.call(this)
    },
    { calm: true },
  )
}
