import type { Check } from '../../connectors/check.ts'
import { type SinkKind, sinkKinds } from '../../connectors/sinks/index.ts'
import {
  type EventSourceDeps,
  type SourceKind,
  type StateKind,
  sourceKinds,
  stateKinds,
} from '../../connectors/sources/index.ts'
import { checkState } from '../../connectors/sources/terraform-state/check-state.ts'
import type { Config } from '../config/load.ts'
import { safeMessage } from '../log.ts'

/** Every configured source, state and sink, by its own check. One that has none is only named. */
export async function checkConnectors(config: Config, deps: EventSourceDeps): Promise<Check[]> {
  const sources = config.sources.map(({ kind, config: own }, i) => {
    const { check } = sourceKinds[kind] as SourceKind<unknown>
    return checked(`sources[${i}] ${kind}`, check && (() => check(own, deps)))
  })
  const states = config.states.map(({ kind, config: own }, i) => {
    const { open } = stateKinds[kind] as StateKind<unknown>
    return checked(`states[${i}] ${kind}`, () => checkState(open(own)))
  })
  const sinks = Object.entries(config.sinks).map(([name, { kind, config: own }]) => {
    const { check }: SinkKind = sinkKinds[kind]
    return checked(`sinks.${name} ${kind}`, check && (() => check(own)))
  })
  return (await Promise.all([...sources, ...states, ...sinks])).flat()
}

async function checked(place: string, check: (() => Promise<Check[]>) | undefined): Promise<Check[]> {
  if (!check) return [{ what: place, ok: true }]
  try {
    return (await check()).map((one) => ({ ...one, what: `${place}: ${one.what}` }))
  } catch (error) {
    const problem = safeMessage(error as Error)
    return [{ what: place, ok: false, problem, fix: 'the message says what stands in the way' }]
  }
}
