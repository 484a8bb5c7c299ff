import type { Source, SourceContext } from '../source.ts'
import { type Polling, poll } from './poll.ts'
import { placesIn } from './terraform-state/check-state.ts'
import { AwayError } from './terraform-state/state-store.ts'
import { type StateSettings, type StateStanding, StatesWatch } from './terraform-state/states-watch.ts'

export interface TerraformStateOptions {
  states: readonly StateSettings[]
  /** How often the places are looked at. */
  pollMs: number
  hashKey: Buffer
}

export interface StateSource extends Source {
  standings(): StateStanding[]
}

/**
 * Keeps the log at what the Terraform states in these places say. Each look publishes only what differs from what
 * has been published: changed instances, tombstones of those that have gone, and at the end the marker. A state that
 * cannot be read keeps its records as they are, and holds no other state up.
 */
export function terraformState({ states, pollMs, hashKey }: TerraformStateOptions): StateSource {
  let polling: Polling | null = null
  let watch: StatesWatch | null = null
  return {
    async start(context: SourceContext) {
      await ensureAnyReadable(states)
      const opened = new StatesWatch(states, hashKey, context)
      watch = opened
      polling = poll((signal) => opened.look(signal), {
        intervalMs: pollMs,
        name: 'terraform-state',
        log: context.log,
      })
    },
    async stop() {
      await polling?.stop()
      for (const { store } of states) store.close?.()
    },
    healthy: () => (polling?.healthy() ?? false) && (watch?.healthy() ?? false),
    standings: () => watch?.standings() ?? [],
  }
}

/**
 * Where not one state is there, the settings are wrong; one of several may be missing for a while, and a network may
 * be away.
 */
async function ensureAnyReadable(states: readonly StateSettings[]): Promise<void> {
  let fault: unknown
  for (const { store } of states) {
    try {
      const [first] = await placesIn(store)
      await store.read(first!)
      return
    } catch (error) {
      if (error instanceof AwayError) return
      fault ??= error
    }
  }
  if (fault) throw fault
}
