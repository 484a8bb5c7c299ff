import { loadConfig } from '../config/load.ts'
import type { Io } from '../io.ts'
import { createLogger } from '../log.ts'
import { askRunning } from '../operations/control-socket.ts'
import { type OperationArgs, type OperationName, operations } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'

export interface AskOptions {
  config?: string
  bus?: 'embedded' | 'kafka'
}

/**
 * Runs an operation: in the running service if one holds the embedded store, else here over the log itself.
 * The results go to `emit`; by default each is a line of JSON on stdout.
 */
export async function ask<N extends OperationName>(
  name: N,
  args: OperationArgs<N>,
  options: AskOptions,
  io: Io,
  emit: (result: object) => void = (result) => io.stdout.write(`${JSON.stringify(result)}\n`),
): Promise<void> {
  const config = loadConfig(options.config, io.env, options.bus)
  if (config.bus.kind === 'embedded' && (await askRunning(config.dataDir, name, args, emit, io.signal)))
    return
  const log = createLogger({ level: config.log.level === 'debug' ? 'debug' : 'warn', stream: io.stderr })
  const { openBus } = await import('../service/open-bus.ts')
  const { bus, ids, close } = await openBus(config, log)
  try {
    await (operations[name] as Operation<OperationArgs<N>>)({ config, bus, ids }, args, emit, io.signal)
  } finally {
    await close()
  }
}
