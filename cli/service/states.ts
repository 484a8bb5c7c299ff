import type { PositionStore } from '../../connectors/source.ts'
import { type StateKind, stateKinds } from '../../connectors/sources/index.ts'
import type { StateStore } from '../../connectors/sources/terraform-state/state-store.ts'
import { type StateSource, terraformState } from '../../connectors/sources/terraform-state.ts'
import type { Config } from '../config/load.ts'
import { safeMessage } from '../log.ts'
import { repeated } from './repeated.ts'
import { seenDeleted } from './seen-deleted.ts'
import type { RunningRole, ServiceContext } from './service-context.ts'
import { startSources } from './sources.ts'
import { watchTerraform } from './terraform-writes.ts'

/**
 * Terraform writes the state after its last call; where it waits for what it has made, long after. The looks after the
 * last change that was seen of it.
 */
const LATER_MS = [30_000, 120_000, 600_000]

/** The role `state`: one source for all states, of every kind. */
export async function startStates(context: ServiceContext, positions: PositionStore): Promise<RunningRole> {
  const { config, secrets, tables } = context
  const { intervalMs: pollMs, triggers } = config.sync_mode
  const states = config.states.map((state) => {
    const { account, acceptShrink } = state.config
    return { store: openStore(state), account, acceptShrink }
  })
  const source = terraformState({ states, pollMs, hashKey: secrets.hashKey })
  // What the positions are kept under is that of the first kind of state: data directories are read by it.
  const named = { name: 'terraform-state', source, keptAs: 'file' }
  const role = await startSources(states.length > 0 ? [named] : [], context, positions, {
    isLost: tables.isLost,
    seenDeleted: seenDeleted(context),
    isLocked: async (state) => (await tables.lockedStates()).has(state),
  })
  const looks = repeated(() => source.lookSoon(), LATER_MS)
  const watch = triggers.length > 0 ? await watchTerraform(context, triggers, looks.begin) : null
  return {
    ...role,
    observe: () => observe(source, context),
    async stop() {
      await watch?.stop()
      looks.end()
      await role.stop()
    },
  }
}

function observe(source: StateSource, { metrics }: ServiceContext): void {
  for (const { state, seenAt, writtenAt, heldBack } of source.standings()) {
    const secondsSince = (time: number) => (Date.now() - time) / 1000
    if (seenAt !== null) metrics.stateSeenSeconds.set({ state }, secondsSince(seenAt))
    if (writtenAt !== null) metrics.stateAgeSeconds.set({ state }, secondsSince(writtenAt))
    metrics.stateHeldBack.set({ state }, heldBack ? 1 : 0)
  }
}

/** By URL or path, every state that is configured; those of a place that cannot be listed are missing. */
export async function stateNames({ config, log }: Pick<ServiceContext, 'config' | 'log'>): Promise<string[]> {
  const lists = await Promise.all(
    config.states.map(async (state) => {
      const store = openStore(state)
      try {
        return await store.places()
      } catch (error) {
        log.warn(
          { place: store.name, error: safeMessage(error as Error) },
          'it is not known which states are there',
        )
        return []
      } finally {
        store.close?.()
      }
    }),
  )
  return [...new Set(lists.flat())]
}

function openStore({ kind, config }: Config['states'][number]): StateStore {
  // The compiler does not see that these settings are those of this kind; connectorSchema has made them so.
  return (stateKinds[kind] as StateKind<unknown>).open(config)
}
