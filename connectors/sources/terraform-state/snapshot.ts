import type { StateResource, StateSnapshot } from '../../../schemas/types.ts'
import { canonicalJson } from '../../canonical-json.ts'
import { TooDeepError } from '../../redact.ts'
import { type Dependencies, dependenciesIn } from './dependencies.ts'
import { identify, soleAccount } from './identify.ts'
import type { ParsedState, StateInstance } from './instance.ts'
import { redactAttributes } from './redact-attributes.ts'
import { StateFormatError } from './state-format-error.ts'

/** A record of state-snapshot. */
export interface KeyedSnapshot {
  key: string
  value: StateSnapshot
}

export interface SnapshotOptions {
  /** When the state was written, epoch milliseconds. */
  capturedAt: number
  /** The account of a state whose own ARNs do not name one. */
  account?: string | undefined
  hashKey: Buffer
}

/** All of eachSnapshot. */
export function toSnapshots(state: ParsedState, options: SnapshotOptions): KeyedSnapshot[] {
  return [...eachSnapshot(state, options)]
}

/**
 * One record an instance, secrets hashed, made as it is asked for, and at the end the marker that says how many there
 * are. Throws StateFormatError if two instances have one address.
 */
export function* eachSnapshot(state: ParsedState, options: SnapshotOptions): Generator<KeyedSnapshot> {
  const { source, lineage, serial } = state
  const account = soleAccount(state.instances) ?? options.account ?? null
  const common = { source, lineage, serial, capturedAt: options.capturedAt }
  const dependenciesOf = dependenciesIn(state.instances)
  const keys = new Set<string>()
  for (const instance of state.instances) {
    const key = keyOf(lineage, instance)
    if (keys.has(key)) {
      throw new StateFormatError(
        `${source}: resources: ${instance.address} stands there twice; the state is damaged: restore it`,
      )
    }
    keys.add(key)
    const resource = { ...resourceOf(instance, account, options, source), ...dependenciesOf(instance) }
    yield { key, value: { ...common, count: null, resource } }
  }
  yield { key: `__sync|${lineage}`, value: { ...common, count: keys.size, resource: null } }
}

function keyOf(lineage: string, { address, deposedKey }: StateInstance): string {
  return `${lineage}|${address}${deposedKey === null ? '' : `|deposed:${deposedKey}`}`
}

function resourceOf(
  instance: StateInstance,
  account: string | null,
  { hashKey }: SnapshotOptions,
  source: string,
): Omit<StateResource, keyof Dependencies> {
  const { address, type, name, provider, deposedKey, tainted } = instance
  const identity = identify(instance, account)
  const fixed = { address, type, name, provider, ...identity, deposedKey, tainted }
  try {
    return { ...fixed, attributes: canonicalJson(redactAttributes(instance, hashKey)) }
  } catch (error) {
    if (!(error instanceof TooDeepError)) throw error
    throw new StateFormatError(`${source}: ${address}: ${error.message}; the state is damaged: restore it`)
  }
}
