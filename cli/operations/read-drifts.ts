import { createCodec } from '../../schemas/codec.ts'
import type { Alert, AlertStatus } from '../../schemas/types.ts'
import { topicNamer } from '../service/topic-configs.ts'
import type { OperationContext } from './operation.ts'
import { readTopic } from './read-topic.ts'

/** A drift, with the alerts of it that are not resolved, the newest last, as they were announced. */
export interface Drift {
  row: AlertStatus
  alerts: Alert[]
}

/** What alert-status holds: every drift of which anything was ever told, those that changed last at the end. */
export async function readDrifts({ config, bus, ids }: OperationContext): Promise<AlertStatus[]> {
  const topic = topicNamer(config.bus)('alert-status')
  const rows = new Map<string, AlertStatus>()
  if (!(await bus.describe(topic))) return []
  const codec = await createCodec('alert-status', topic, ids)
  await readTopic(bus, topic, async ({ key, value }) => {
    const driftId = key?.toString() ?? ''
    const row = value && (await codec.decode(value).catch(() => null))
    if (row) rows.set(driftId, row)
    else rows.delete(driftId)
  })
  return [...rows.values()].filter(({ alerts }) => alerts.length > 0).sort(bySince)
}

/** Brings the alerts of drifts in. */
export async function createAlertReader({ config, ids }: OperationContext) {
  const codec = await createCodec('alert', topicNamer(config.bus)('alerts'), ids)
  return async function withAlerts(row: AlertStatus): Promise<Drift> {
    const alerts: Alert[] = []
    for (const { alert, status, change } of row.alerts) {
      const read = alert && (await codec.decode(alert).catch(() => null))
      if (read) alerts.push({ ...read, status, statusChange: change })
    }
    return { row, alerts }
  }
}

/**
 * The one drift with this id, or the beginning of it, or with an alert of this id. Throws, saying what to do, where
 * there is none or where there are several.
 */
export function findDrift(rows: readonly AlertStatus[], id: string): AlertStatus {
  const found = rows.filter(
    ({ driftId, alerts }) => driftId.startsWith(id) || alerts.some((alert) => alert.id.startsWith(id)),
  )
  if (found.length === 1 && id !== '') return found[0]!
  const help = 'tfdrift alerts list shows the ids, with --status resolved those of the past too'
  throw new Error(
    found.length === 0
      ? `no alert or drift has the id ${id}; ${help}`
      : `${found.length} drifts have an id that begins with ${id}; give more of it`,
  )
}

function bySince(a: AlertStatus, b: AlertStatus): number {
  return Date.parse(a.since) - Date.parse(b.since) || (a.driftId < b.driftId ? -1 : 1)
}
