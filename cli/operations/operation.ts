import type { SchemaIds } from '../../schemas/ids.ts'
import type { Bus } from '../../streams/bus.ts'
import type { Config } from '../config/load.ts'

/** What an operation works on: the log of a running service, or one opened for it. */
export interface OperationContext {
  config: Config
  bus: Bus
  ids: SchemaIds
}

/**
 * Something that is asked of the log (list, read, reset). It hands its results over one by one, as JSON values, so
 * that it can run in this process or, over the control socket, in the one that holds the embedded store.
 */
export type Operation<Args> = (
  context: OperationContext,
  args: Args,
  emit: (result: object) => void,
  signal: AbortSignal,
) => Promise<void>
