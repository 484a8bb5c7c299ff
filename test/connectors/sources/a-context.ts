import type { PositionStore, SourceContext, SourceOutput } from '../../../connectors/source.ts'
import { type LogLine, quietLog } from '../quiet-log.ts'

/** A log in memory that takes what a source hands over, unless it is told to fail. */
export interface TestContext extends SourceContext {
  outputs: SourceOutput[]
  logged: LogLine[]
  /** Why records were passed over. */
  skipped: string[]
  /** What becomes of each call of emit; resolves by default. */
  whenEmitting: (output: SourceOutput) => Promise<void>
  /** Positions by key, as they are kept. */
  kept: Map<string, string>
}

/** `kept`: the positions that an earlier context has left behind. */
export function aContext(kept = new Map<string, string>()): TestContext {
  const log = quietLog()
  const positions: PositionStore = {
    get: async (key) => kept.get(key) ?? null,
    set: async (key, value) => {
      kept.set(key, value)
    },
  }
  const context: TestContext = {
    outputs: [],
    logged: log.lines,
    skipped: [],
    onSkipped: (reason) => void context.skipped.push(reason),
    whenEmitting: async () => {},
    kept,
    positions,
    log,
    async emit(output) {
      await context.whenEmitting(output)
      context.outputs.push(output)
    },
  }
  return context
}
