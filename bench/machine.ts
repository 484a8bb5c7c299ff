import { cpus, loadavg, release, totalmem, type } from 'node:os'

/** One line on where the figures come from. */
export function machine(): string {
  const processors = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const model = processors[0]?.model.trim() ?? 'unknown'
  return `${processors.length} x ${model}, ${memory} GiB, ${type()} ${release()}, Node ${process.version}`
}

/** Processes that ran or wanted to, on the average of the last minute. */
export function load(): number {
  return loadavg()[0]!
}
