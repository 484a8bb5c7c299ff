import type { NamedSink } from '../processors/channels.ts'
import type { Config } from './config/load.ts'

/** The configured sinks, as actions of rules may name them. */
export function namedSinks({ sinks }: Pick<Config, 'sinks'>): NamedSink[] {
  return Object.entries(sinks).map(([name, { kind }]) => ({ name, kind }))
}
