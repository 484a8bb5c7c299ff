import type { TopicName } from '../../processors/topology.ts'
import { createCodec } from '../../schemas/codec.ts'
import type { SchemaIds } from '../../schemas/ids.ts'

/** Registers every schema, so that a fault shows at the start, and returns the codecs. */
export async function createCodecs(ids: SchemaIds, topic: (name: TopicName) => string) {
  return {
    rawEvent: await createCodec('raw-event', topic('raw-events'), ids),
    stateSnapshot: await createCodec('state-snapshot', topic('state-snapshot'), ids),
    diff: await createCodec('diff', topic('diffs'), ids),
    match: await createCodec('match', topic('matches'), ids),
    alert: await createCodec('alert', topic('alerts'), ids),
    alertStatus: await createCodec('alert-status', topic('alert-status'), ids),
    delivery: await createCodec('delivery', topic('deliveries'), ids),
    pendingChange: await createCodec('pending-change', topic('pending-changes'), ids),
    countedMatch: await createCodec('counted-match', topic('counted-matches'), ids),
    countWindow: await createCodec('count-window', topic('count-windows'), ids),
    heldAlert: await createCodec('held-alert', topic('outbox'), ids),
  }
}

export type Codecs = Awaited<ReturnType<typeof createCodecs>>
