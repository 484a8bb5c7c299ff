import { z } from 'zod'
import type { Sink } from '../sink.ts'
import { type ConsoleFormat, formatAlert } from './console-format.ts'

export interface ConsoleSinkOptions extends ConsoleFormat {
  /** Takes finished text, line breaks included. Throws if the text could not be written. */
  write(text: string): void
}

/** Nothing to set: colour and width are the terminal's. */
export const consoleConfig = z.strictObject({})

/** Prints alerts for people. A crash may print the running batch of up to 100 again. */
export function consoleSink({ write, ...format }: ConsoleSinkOptions): Sink {
  return {
    batchSize: 100,
    async deliver(alerts, signal) {
      signal.throwIfAborted()
      write(alerts.map((alert) => `${formatAlert(alert, format)}\n\n`).join(''))
    },
  }
}
