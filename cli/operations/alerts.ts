import { randomUUID } from 'node:crypto'
import { alertJson } from '../../connectors/alert-json.ts'
import { type Action, type Command, commandEvent } from '../../processors/commands.ts'
import { eventKeyOf } from '../../processors/event-key.ts'
import { glob } from '../../processors/glob.ts'
import { transitions } from '../../processors/transitions.ts'
import type { AlertStatus, DriftState, Severity } from '../../schemas/types.ts'
import { resolveSecrets } from '../config/secrets.ts'
import { createCodecs } from '../service/codecs.ts'
import { createEmit } from '../service/emit.ts'
import { topicNamer } from '../service/topic-configs.ts'
import type { Operation } from './operation.ts'
import { createAlertReader, type Drift, findDrift, readDrifts } from './read-drifts.ts'

export interface AlertFilter {
  /** Left out: all but the resolved ones. */
  statuses?: DriftState[]
  severities?: Severity[]
  /** Of the address or the resource's id, with `*`. */
  address?: string
}

/** A line for each drift. */
export const alerts: Operation<AlertFilter> = async (context, filter, emit) => {
  const withAlerts = await createAlertReader(context)
  for (const row of (await readDrifts(context)).filter((one) => isWanted(one, filter))) {
    const drift = await withAlerts(row)
    const severity = drift.alerts.at(-1)?.severity ?? null
    if (!filter.severities || (severity !== null && filter.severities.includes(severity))) emit(line(drift))
  }
}

/** One drift: its status and why, and the alerts of it that are not resolved. */
export const alert: Operation<{ id: string }> = async (context, { id }, emit) => {
  const withAlerts = await createAlertReader(context)
  const drift = await withAlerts(findDrift(await readDrifts(context), id))
  const { verdicts } = drift.row
  emit({ ...line(drift), verdicts, alerts: drift.alerts.map(alertJson) })
}

export interface CommandArgs {
  id: string
  action: Action
  by: string
  reason: string | null
  until: string | null
}

/**
 * Tells the processor what an operator has decided. The answer is what will become of the drift, once the processor
 * has come to it. Throws where the drift cannot do that any more.
 */
export const commandAlert: Operation<CommandArgs> = async (context, { id, action, ...said }, emit) => {
  const { config, bus, ids } = context
  const row = findDrift(await readDrifts(context), id)
  const { driftId, address, status } = row
  const next = transitions[status][action]
  if (next === null) throw new Error(refusal(row, action))
  const topic = topicNamer(config.bus)
  const codecs = await createCodecs(ids, topic)
  const { deadLetterKey } = resolveSecrets(config)
  const command: Command = { id: randomUUID(), driftId, action, ...said, time: Date.now() }
  await createEmit({ bus, topic, codecs, deadLetterKey, onStored: () => {} })({
    events: [commandEvent(command, eventKeyOf(row))],
  })
  emit({ driftId, address, was: status, status: next, by: said.by, reason: said.reason, until: said.until })
}

function refusal({ driftId, status, change }: AlertStatus, action: Action): string {
  const who = change?.actor ? ` by ${change.actor}` : ''
  const since = change ? ` since ${change.at}` : ''
  const is = `cannot ${action}: the drift ${driftId} is ${status}${who}${since}`
  return status === 'resolved'
    ? `${is}; nothing of it is open, tfdrift alerts list shows what is`
    : `${is} already; tfdrift alerts show ${driftId} says why`
}

function isWanted(
  { status, address, resourceKey }: AlertStatus,
  { statuses, address: pattern }: AlertFilter,
): boolean {
  if (statuses ? !statuses.includes(status) : status === 'resolved') return false
  if (pattern === undefined) return true
  const matches = glob(pattern)
  return [address, resourceKey, resourceKey.split('/').slice(4).join('/')].some(
    (name) => name && matches(name),
  )
}

function line({ row, alerts: open }: Drift): object {
  const { driftId, status, since, address, resourceKey, change } = row
  const newest = open.at(-1)
  return {
    driftId,
    status,
    since,
    severity: newest?.severity ?? null,
    type: newest?.type ?? null,
    address,
    resourceKey,
    message: newest?.message ?? null,
    alerts: row.alerts.length,
    change,
  }
}
