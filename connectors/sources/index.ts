import type { z } from 'zod'
import type { Source } from '../source.ts'
import { cloudtrailFiles, cloudtrailFilesConfig } from './cloudtrail-files.ts'
import { terraformStateFileConfig, terraformStateFiles } from './terraform-state-files.ts'

/** What the process gives to its sources. */
export interface SourceDeps {
  /** Sensitive values leave a source only as hashes under this key; the same on every instance. */
  hashKey: Buffer
  /** How often a place is looked at, milliseconds. */
  pollMs: number
}

/** A kind of place that events come from. */
export interface SourceKind<Config> {
  /** Strict: unknown fields are errors. Without `kind`, which is the configuration's own. */
  configSchema: z.ZodType<Config>
  create(config: Config, deps: SourceDeps): Source
}

/** A kind of place that Terraform states are read from; one source reads all that are configured. */
export interface StateKind<Config> {
  /** That of one state. */
  configSchema: z.ZodType<Config>
  create(states: readonly Config[], deps: SourceDeps): Source
}

/** Every kind of source. A new one is a file beside this, a line here, and a harness in the contract suite. */
export const sourceKinds = {
  'cloudtrail-files': {
    configSchema: cloudtrailFilesConfig,
    create: (config, deps) => cloudtrailFiles({ ...config, ...deps }),
  } satisfies SourceKind<z.output<typeof cloudtrailFilesConfig>>,
}

/** Every kind of state. A new one is added likewise. */
export const stateKinds = {
  file: {
    configSchema: terraformStateFileConfig,
    create: (states, deps) => terraformStateFiles({ states, ...deps }),
  } satisfies StateKind<z.output<typeof terraformStateFileConfig>>,
}
