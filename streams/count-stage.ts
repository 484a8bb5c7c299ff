import type { NamedSink } from '../processors/channels.ts'
import type { Rule } from '../processors/rules/schema.ts'
import { foldStatus } from '../processors/status.ts'
import { type Completed, foldMatch, placesOf } from '../processors/windows/fold.ts'
import { windowFinding, windowReport } from '../processors/windows/window-signal.ts'
import type { Codec } from '../schemas/codec.ts'
import type { CountedMatch, CountWindow } from '../schemas/counting-types.ts'
import type { Batch, InRecord, OutRecord } from './bus.ts'
import { type LookUps, lookUpStatuses } from './look-ups.ts'
import type { Metrics } from './metrics.ts'
import { createRecorder, type RecordOptions } from './record.ts'
import type { TableRow } from './table.ts'

export interface CountStageOptions extends Pick<LookUps, 'findStatus'>, RecordOptions {
  codecs: RecordOptions['codecs'] & { countWindow: Codec<CountWindow> }
  findWindows: (keys: string[]) => Promise<(CountWindow | null)[]>
  /** What has been counted, of one partition of counted-matches. */
  windowsOf: (partition: number) => Promise<TableRow<CountWindow>[]>
  /** The rule of this id, as it is now. */
  ruleOf: (id: string) => Rule | null
  /** What actions of rules may name. */
  sinks: readonly NamedSink[]
  /** Seals a record that cannot be processed. */
  deadLetter: (record: InRecord, error: Error) => OutRecord
  metrics: Pick<Metrics, 'eventLatencySeconds' | 'recordsInTotal' | 'ruleErrorsTotal'>
  now: () => Date
}

export interface CountStage {
  /** Counted matches in, windows and the alerts of the rules that they fulfil out. */
  handle(batch: Batch): Promise<OutRecord[]>
  /** Takes away what can no longer be added to. */
  sweep(partition: number): Promise<OutRecord[][]>
}

/** For how long events may be late: as long as raw-events keeps them. */
const LATENESS_MS = 7 * 24 * 60 * 60 * 1000

/**
 * Counts what several events together make of a rule. They come through a topic of their own, by what they have in
 * common, since the events of one person are on many partitions of raw-events.
 */
export function createCountStage(options: CountStageOptions): CountStage {
  const { codecs, topic, metrics } = options
  const recorder = createRecorder(options)

  async function handle({ topic: from, partition, records }: Batch): Promise<OutRecord[]> {
    metrics.recordsInTotal.inc({ topic: from }, records.length)
    const deadLetters: OutRecord[] = []
    await codecs.countedMatch.prepare(records.flatMap(({ value }) => (value ? [value] : [])))
    const all = records.flatMap((record) => {
      try {
        if (!record.value) throw new TypeError('a counted match without a value')
        return [codecs.countedMatch.decodeSync(record.value)]
      } catch (error) {
        deadLetters.push(options.deadLetter(record, error as Error))
        return []
      }
    })
    const windows = await lookUpWindows(all)
    const now = options.now()
    const changed = new Map<string, CountWindow>()
    const completed = new Map<string, Completed>()
    for (const counted of all) {
      const at = { partition, now: now.getTime() }
      const folded = foldMatch(counted, (key) => windows.get(key) ?? null, at)
      for (const [key, window] of folded.windows) {
        windows.set(key, window)
        changed.set(key, window)
      }
      for (const one of folded.completed) if (!completed.has(one.key)) completed.set(one.key, one)
    }
    return [
      ...deadLetters,
      ...(await signalsOf([...completed.values()], now)),
      ...[...changed].map(windowRecord),
    ]
  }

  async function lookUpWindows(all: readonly CountedMatch[]): Promise<Map<string, CountWindow | null>> {
    const keys = [...new Set(all.flatMap((counted) => placesOf(counted).map(({ key }) => key)))]
    const found = keys.length > 0 ? await options.findWindows(keys) : []
    return new Map(keys.map((key, i) => [key, found[i]!]))
  }

  async function signalsOf(completed: readonly Completed[], now: Date): Promise<OutRecord[]> {
    const findings = completed.map((one) => ({ one, finding: windowFinding(one) }))
    const statuses = await lookUpStatuses(
      options,
      findings.map(({ finding }) => finding.driftId),
    )
    await recorder.prepare(statuses)
    const records = findings.flatMap(({ one, finding }) => {
      const { driftId, resourceKey: eventKey } = finding
      const folded = foldStatus(statuses.get(driftId) ?? null, finding, { eventKey, event: null, now })
      // A signal always has an alert of its own.
      const own = folded.own!
      const rule = options.ruleOf(one.counted.rule.id)
      const circumstances = { status: own.status, detectedAt: now.toISOString() }
      const report = windowReport(one, finding, rule, circumstances, options.sinks)
      const recorded = recorder.told(finding, report, { ...folded, own }, now)
      statuses.set(driftId, recorded.row)
      return recorded.records
    })
    return [...records, ...recorder.statuses(statuses, records)]
  }

  function windowRecord([key, window]: [string, CountWindow]): OutRecord {
    return {
      topic: topic('count-windows'),
      key: Buffer.from(key),
      value: codecs.countWindow.encode(window),
    }
  }

  async function sweep(partition: number): Promise<OutRecord[][]> {
    const now = options.now().getTime()
    const over = (await options.windowsOf(partition)).filter(
      ({ value: { touchedAt, windowMs } }) => now - touchedAt > 2 * windowMs + LATENESS_MS,
    )
    if (over.length === 0) return []
    return [over.map(({ key }) => ({ topic: topic('count-windows'), key: Buffer.from(key), value: null }))]
  }

  return { handle, sweep }
}
