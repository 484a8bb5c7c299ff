import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { NoFinding } from '../processors/finding.ts'

type Labels<L extends string> = Record<L, string | number>

interface Count<L extends string> {
  inc(labels: Labels<L>, by?: number): void
}

interface Level<L extends string> {
  set(labels: Labels<L>, value: number): void
  /** Drops the series: this instance no longer has a say in it (a partition that was taken away). */
  remove(labels: Labels<L>): void
}

interface Spread<L extends string> {
  observe(labels: Labels<L>, value: number): void
}

/** What an event is: it gave a finding, waits for the state to catch up, is an operator's, or why it gave none. */
export type EventOutcome = NoFinding | 'finding' | 'waiting' | 'command'

/** What the service says about itself. Counters start with the process. */
export type Metrics = ReturnType<typeof createMetrics>

/** The state caught up; later calls had the last word; the window is over and the state still differs. */
const settleResults = ['settled', 'replaced', 'expired'] as const
type SettleResult = (typeof settleResults)[number]

const reloadResults = ['loaded', 'failed'] as const
type ReloadResult = (typeof reloadResults)[number]

// A record, so that the compiler demands every outcome.
const outcomes: Record<EventOutcome, true> = {
  finding: true,
  waiting: true,
  command: true,
  'read-only': true,
  failed: true,
  filtered: true,
  'no-effect': true,
  'as-declared': true,
  ignored: true,
  unmanaged: true,
  'service-created': true,
  unmapped: true,
  'operation-end': true,
  'left-out': true,
}

/** Creates the metrics of one process, all at zero, with a registry of their own. */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  const count = <L extends string>(name: string, help: string, labelNames: L[]): Count<L> =>
    new Counter({ name: `tfdrift_${name}`, help, labelNames, registers })
  const level = <L extends string>(name: string, help: string, labelNames: L[]): Level<L> =>
    new Gauge({ name: `tfdrift_${name}`, help, labelNames, registers })
  const spread = <L extends string>(
    name: string,
    help: string,
    labelNames: L[],
    buckets: number[],
  ): Spread<L> => new Histogram({ name: `tfdrift_${name}`, help, labelNames, buckets, registers })

  collectDefaultMetrics({ register: registry })
  const eventsTotal = count<'outcome'>('events_total', 'Events processed, by what became of them.', [
    'outcome',
  ])
  // A series that is born with its first increment hides that increment from rate().
  for (const outcome of Object.keys(outcomes)) eventsTotal.inc({ outcome }, 0)

  const rulesReloadTotal = count('rules_reload_total', 'Changes of rules and ignore lists, by result.', [
    'result',
  ])
  for (const result of reloadResults) rulesReloadTotal.inc({ result }, 0)

  const ignoredChangesTotal = count(
    'ignored_changes_total',
    'Differences that ignore lists have taken away.',
    [],
  )
  const settleTotal = count(
    'settle_total',
    "Terraform's own calls that have waited, by what became of them.",
    ['result'],
  )
  for (const result of settleResults) settleTotal.inc({ result }, 0)

  return {
    eventsTotal: eventsTotal as { inc(labels: { outcome: EventOutcome }, by?: number): void },
    recordsInTotal: count('records_in_total', 'Records read from a topic.', ['topic']),
    recordsOutTotal: count('records_out_total', 'Records written to a topic.', ['topic']),
    deadLettersTotal: count('dead_letters_total', 'Records that could not be processed.', ['stage', 'code']),
    consumerLag: level('consumer_lag', 'Records behind the end of the partition.', ['topic', 'partition']),
    tableReady: level('table_ready', '1 when the table has reached its captured end.', ['table']),
    tableRows: level('table_rows', 'Rows of the table.', ['table']),
    tableLag: level('table_lag', 'Records of its topic that the table has yet to apply.', ['table']),
    tableBootstrapSeconds: level('table_bootstrap_seconds', 'How long the table took to be ready.', [
      'table',
    ]),
    cacheEntries: level('cache_entries', 'What the cache holds.', ['cache']),
    cacheRequestsTotal: count('cache_requests_total', 'What the cache was asked for, hit or miss.', [
      'cache',
      'result',
    ]),
    eventLatencySeconds: spread(
      'event_latency_seconds',
      "From the event's own time to the publishing of its alert.",
      ['provider'],
      [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 86_400],
    ),
    processSeconds: spread(
      'process_seconds',
      'Time of one batch in a stage.',
      ['stage'],
      [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    ),
    ruleErrorsTotal: count('rule_errors_total', "A rule's expression could not be evaluated: no match.", [
      'rule',
    ]),
    sinkDeliveriesTotal: count('sink_deliveries_total', 'Alerts handed to a sink, by result.', [
      'sink',
      'result',
    ]),
    sinkDispatchedTotal: count(
      'sink_dispatched_total',
      'Alerts of a sink: sent at once, held, left out for their severity; sent later alone, in a group or a digest.',
      ['sink', 'how'],
    ),
    sinkHeld: level('sink_held', 'Alerts that wait for the sink in the outbox.', ['sink']),
    sinkPaused: level('sink_paused', '1 while the sink waits before it tries again.', ['sink']),
    stateStoreRebuildsTotal: count('state_store_rebuilds_total', 'Rebuilds of the local store.', ['reason']),
    kafkaReconnectsTotal: count('kafka_reconnects_total', 'Reconnections to the broker.', ['client']),
    sourceEventsTotal: count('source_events_total', 'Events handed over by a source.', ['source']),
    sourceSkippedTotal: count('source_skipped_total', 'Records that are no change.', ['source', 'reason']),
    sourceSnapshotsTotal: count('source_snapshots_total', 'State rows handed over by a source.', ['source']),
    sourceHealthy: level('source_healthy', '1 while the source can read its place.', ['source']),
    stateSeenSeconds: level('state_seen_seconds', 'Since the state was last seen to be as it is.', ['state']),
    stateAgeSeconds: level('state_age_seconds', 'Since the state was written.', ['state']),
    stateHeldBack: level(
      'state_held_back',
      '1 while nothing is published of a state that has lost more than half of its resources.',
      ['state'],
    ),

    rulesReloadTotal: rulesReloadTotal as { inc(labels: { result: ReloadResult }): void },
    rulesLoaded: level('rules_loaded', 'Rules in use.', []),
    rulesStale: level(
      'rules_stale',
      '1 while the rules or ignore lists have a fault, so that those from before are in use.',
      [],
    ),
    ignoredChangesTotal: ignoredChangesTotal as { inc(labels: object, by: number): void },
    settleWaiting: level('settle_waiting', "Terraform's own calls that wait for the state to catch up.", []),
    settleTotal: settleTotal as { inc(labels: { result: SettleResult }): void },

    /** Media type of what render() returns. */
    contentType: registry.contentType as string,
    /** The Prometheus text format. */
    render: (): Promise<string> => registry.metrics(),
  }
}
