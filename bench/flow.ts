import { setTimeout as pause } from 'node:timers/promises'
import type { Child } from './child.ts'
import { sumOf } from './usage.ts'

/** How a backlog was worked off, from the end of the warm-up on. */
export interface Flow {
  done: number
  perSecond: number
  /** Processor time for each, in all threads. */
  cpuMicros: number | null
  /** The most memory that the workers have had since their start, together. */
  peakBytes: number | null
}

export interface FlowOptions {
  /** How much is done. */
  count: () => Promise<number>
  total: number
  workers: readonly Child[]
  signal: AbortSignal
}

/** The share of the work that is not timed, in which code is still being compiled and buffers grow. */
export const WARM_UP = 0.1

const POLL_MS = 100
const STALL_MS = 60_000

/** Watches until all is done, or nothing more is done for a minute. Throws if a worker ends. */
export async function measureFlow({ count, total, workers, signal }: FlowOptions): Promise<Flow> {
  const usage = () => sumOf(workers.map((worker) => worker.usage()))
  const sample = async () => ({ done: await count(), at: performance.now(), usage: usage() })

  let first = await sample()
  let last = first
  for (let now = first; last.done < total && now.at - last.at < STALL_MS; now = await sample()) {
    signal.throwIfAborted()
    for (const worker of workers) worker.assertAlive()
    if (now.done > last.done) last = now
    if (first.done < total * WARM_UP) first = last
    await pause(POLL_MS)
  }
  const done = last.done - first.done
  const { cpuSeconds, peakBytes } = last.usage
  return {
    done: last.done,
    perSecond: (done / (last.at - first.at)) * 1000,
    cpuMicros: cpuSeconds === null ? null : ((cpuSeconds - first.usage.cpuSeconds!) / done) * 1e6,
    peakBytes,
  }
}
