import type { Source } from '../source.ts'
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
  /** Looks at all states within a second: something may have changed them. */
  lookSoon(): void
}

/**
 * Keeps the log at what the Terraform states in these places say. Each look publishes only what differs from what
 * has been published: changed instances, tombstones of those that have gone, and at the end the marker. A state that
 * cannot be read keeps its records as they are, and holds no other state up.
 */
export function terraformState({ states, pollMs, hashKey }: TerraformStateOptions): StateSource {
  const running: Pick<Polling, 'stop' | 'healthy'>[] = []
  let polling: Polling | null = null
  let watch: StatesWatch | null = null
  return {
    async start({ log, ...context }) {
      await ensureAnyReadable(states)
      const opened = new StatesWatch(states, hashKey, { ...context, log })
      const looks = poll((signal) => opened.look(signal), {
        intervalMs: pollMs,
        name: 'terraform-state',
        log,
      })
      const onWritten = async (places: string[]) => {
        // What could not be read is tried again, ever less soon.
        if (!(await opened.refresh(places))) looks.wake()
      }
      for (const { store } of states) {
        if (store.notifications) running.push(store.notifications.follow(log, onWritten))
      }
      running.push(looks)
      watch = opened
      polling = looks
    },
    async stop() {
      await Promise.all(running.map((one) => one.stop()))
      for (const { store } of states) store.close?.()
    },
    healthy: () => polling !== null && running.every((one) => one.healthy()) && watch!.healthy(),
    standings: () => watch?.standings() ?? [],
    lookSoon: () => polling?.wake(),
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
