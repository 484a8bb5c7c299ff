/** What `throughput` is asked for on the command line. */
export interface ThroughputOptions {
  bus: 'kafka' | 'embedded'
  resources: number
  events: number
  instances: number
  rounds: number
  /** The folder for CPU profiles of the product. */
  profile?: string
}

/** What `backlog` is asked for. */
export interface BacklogOptions {
  records: number
  resources: number
  drifts: number
}

/** What `detect` is asked for. */
export interface DetectOptions {
  records: number
  resources: number
}

/** What `rules` is asked for. */
export interface RulesOptions {
  rules: number
  events: number
  rounds: number
}

/** What `context` is asked for. */
export interface ContextOptions {
  resources: number
  lookUps: number
}
