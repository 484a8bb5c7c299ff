import type { Detection } from '../../processors/detect/detect.ts'
import type { Draft, Trace } from '../../processors/detect/step.ts'
import type { NoFinding, StateRow } from '../../processors/finding.ts'
import type { Scope } from '../../processors/identity.ts'
import type { Pipeline } from '../../processors/pipeline.ts'
import type { RawEvent } from '../../schemas/types.ts'

/** One event on its way through detection. */
export interface Observed {
  raw: RawEvent
  /** Why no state was searched; null: it was. */
  refused: NoFinding | null
  /** Keys under which the states were searched. */
  keys: readonly string[]
  found: { row: StateRow; scope: Scope; global: boolean }[]
  drafts: readonly Draft[]
  detection: Detection | null
}

export interface Observer {
  /** For the context of the pipeline that is observed. */
  trace: Trace
  /** The same pipeline, which writes down what it does with the wanted events. */
  watch(pipeline: Pipeline, wants: (raw: RawEvent) => boolean): Pipeline
  readonly observed: readonly Observed[]
}

/** Watches detection itself, so that what is told is what happened. */
export function createObserver(): Observer {
  const observed: Observed[] = []
  let current: Observed | null = null

  const trace: Trace = {
    found(rows, scope, global) {
      current?.found.push(...rows.map((row) => ({ row, scope, global })))
    },
    judged(drafts) {
      if (current) current.drafts = drafts
    },
  }

  function watch(pipeline: Pipeline, wants: (raw: RawEvent) => boolean): Pipeline {
    return { ...pipeline, plan }

    function plan(raw: RawEvent): ReturnType<Pipeline['plan']> {
      const planned = pipeline.plan(raw)
      if (!wants(raw)) return planned
      const one: Observed = { raw, refused: null, keys: [], found: [], drafts: [], detection: null }
      observed.push(one)
      if (typeof planned === 'string') {
        one.refused = planned
        return planned
      }
      one.keys = planned.keys
      return {
        ...planned,
        judge(rows) {
          current = one
          try {
            one.detection = planned.judge(rows)
            return one.detection
          } finally {
            current = null
          }
        },
      }
    }
  }

  return { trace, watch, observed }
}
