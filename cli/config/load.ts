import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { sinkKinds } from '../../connectors/sinks/index.ts'
import { sourceKinds, stateKinds } from '../../connectors/sources/index.ts'
import type { Routing } from '../../processors/dispatch/route.ts'
import { ConfigError } from './faults.ts'
import type { Env } from './interpolate.ts'
import { createConfigSchema } from './schema.ts'
import { validateConfig } from './validate.ts'

const PLACES = ['./tfdrift.yaml', '/etc/tfdrift/config.yaml']

/** The schema with every connector that there is. */
export const configSchema = createConfigSchema({ sources: sourceKinds, states: stateKinds, sinks: sinkKinds })

/** What the service runs by: every default filled in, durations in milliseconds. */
export type Config = z.output<typeof configSchema> & {
  /** Where it was read. */
  file: string
  /** Which sinks alerts go to. */
  routing: Routing
}

/**
 * Reads the configuration: the given file, else that of TFDRIFT_CONFIG, else ./tfdrift.yaml, else
 * /etc/tfdrift/config.yaml. `bus` (the flag --bus) overrides bus.kind. Throws ConfigError with all faults at once.
 * Relative paths in the file are left as they are: relative to the working directory.
 */
export function loadConfig(file: string | undefined, env: Env, bus?: 'embedded' | 'kafka'): Config {
  const found = read(file, env)
  const config = validateConfig(found.text, { file: found.file, schema: configSchema, env, bus })
  const routing = {
    default: config.routing?.default ?? Object.keys(config.sinks),
    rules: config.routing?.rules ?? [],
  }
  return { ...config, file: found.file, routing }
}

function read(flag: string | undefined, env: Env): { file: string; text: string } {
  const named = flag ?? (env.TFDRIFT_CONFIG || undefined)
  for (const file of named === undefined ? PLACES : [named]) {
    try {
      return { file, text: readFileSync(file, 'utf8') }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' && named === undefined) continue
      const origin = flag === undefined && named !== undefined ? 'correct TFDRIFT_CONFIG' : 'correct the path'
      throw unreadable(file, code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`, origin)
    }
  }
  throw unreadable(
    PLACES.join(', '),
    'no such file',
    'write one (see tfdrift.example.yaml), or name yours with --config',
  )
}

function unreadable(file: string, message: string, fix: string): ConfigError {
  return new ConfigError([{ file, line: null, column: null, field: '', message, fix }])
}
