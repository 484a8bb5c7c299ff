import type { StateSnapshot } from '../../../schemas/types.ts'
import { canonicalJson } from '../../canonical-json.ts'
import { TooDeepError } from '../../redact.ts'
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

/**
 * One record an instance, secrets hashed, and at the end the marker that says how many there are. Throws
 * StateFormatError if two instances have one address.
 */
export function toSnapshots(state: ParsedState, options: SnapshotOptions): KeyedSnapshot[] {
  const { source, lineage, serial } = state
  const account = soleAccount(state.instances) ?? options.account ?? null
  const common = { source, lineage, serial, capturedAt: options.capturedAt }
  const byKey = new Map<string, StateSnapshot>()
  for (const instance of state.instances) {
    const key = keyOf(lineage, instance)
    if (byKey.has(key)) {
      throw new StateFormatError(
        `${source}: resources: ${instance.address} stands there twice; the state is damaged: restore it`,
      )
    }
    byKey.set(key, { ...common, count: null, resource: resourceOf(instance, account, options, source) })
  }
  const snapshots = [...byKey].map(([key, value]) => ({ key, value }))
  const marker = { ...common, count: snapshots.length, resource: null }
  return [...snapshots, { key: `__sync|${lineage}`, value: marker }]
}

function keyOf(lineage: string, { address, deposedKey }: StateInstance): string {
  return `${lineage}|${address}${deposedKey === null ? '' : `|deposed:${deposedKey}`}`
}

function resourceOf(
  instance: StateInstance,
  account: string | null,
  { hashKey }: SnapshotOptions,
  source: string,
): StateSnapshot['resource'] {
  const { address, type, name, provider, deposedKey, tainted, dependencies } = instance
  const identity = identify(instance, account)
  const fixed = { address, type, name, provider, ...identity, deposedKey, tainted, dependencies }
  try {
    return { ...fixed, attributes: canonicalJson(redactAttributes(instance, hashKey)) }
  } catch (error) {
    if (!(error instanceof TooDeepError)) throw error
    throw new StateFormatError(`${source}: ${address}: ${error.message}; the state is damaged: restore it`)
  }
}
