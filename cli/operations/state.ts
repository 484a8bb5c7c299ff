import type { StateRow } from '../../processors/finding.ts'
import { stateRow } from '../../processors/state-row.ts'
import { createCodec } from '../../schemas/codec.ts'
import { topicNamer } from '../service/topic-configs.ts'
import { masked } from './masked.ts'
import type { Operation, OperationContext } from './operation.ts'
import { readTopic } from './read-topic.ts'

/** What the state table holds: a line for each resource, or everything of those with this address or id. */
export const state: Operation<{ of?: string }> = async (context, { of }, emit) => {
  for (const row of await foldState(context)) {
    const { address, type, id, account, region, source, serial, deposedKey } = row
    if (of === undefined) emit({ address, type, id, account, region, source, serial, deposedKey })
    else if ([address, id, row.arn].includes(of)) emit(masked(row) as object)
  }
}

/** The rows of state-snapshot: the newest of each key. */
export async function foldState({ config, bus, ids }: OperationContext): Promise<StateRow[]> {
  const topic = topicNamer(config.bus)('state-snapshot')
  const rows = new Map<string, StateRow>()
  if (!(await bus.describe(topic))) return []
  const codec = await createCodec('state-snapshot', topic, ids)
  await readTopic(bus, topic, async ({ key, value }) => {
    const name = key?.toString() ?? ''
    const row = value && stateRow(name, await codec.decode(value))
    if (row) rows.set(name, row)
    else rows.delete(name)
  })
  return [...rows.values()].sort((a, b) => (a.address < b.address ? -1 : 1))
}
