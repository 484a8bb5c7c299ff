import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { type Usage, usageOf } from './usage.ts'

/** A running process under our care. */
export interface Child {
  /** Throws when the process has ended by itself, with the end of what it wrote to stderr. */
  assertAlive(): void
  usage(): Usage
  /** Asks the process to end, and ends it after half a minute. Throws if it ended with an error. */
  stop(): Promise<void>
  /** Ends it at once, whatever became of it. */
  kill(): void
}

const STOP_MS = 30_000
const LAST_WORDS = 2_000

/** Takes care of a process whose stderr is a pipe. */
export function createChild(name: string, child: ChildProcess): Child {
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS)
  })
  const ended = once(child, 'exit')
  ended.catch(() => {})
  const isOver = () => child.exitCode !== null || child.signalCode !== null

  function failure(): Error {
    return new Error(`${name} ended with ${child.exitCode ?? child.signalCode}: ${words.trim()}`)
  }

  return {
    assertAlive() {
      if (isOver()) throw failure()
    },
    usage: () => usageOf(child.pid!),
    async stop() {
      if (isOver()) throw failure()
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await ended
      clearTimeout(late)
      if (child.exitCode !== 0) throw failure()
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
