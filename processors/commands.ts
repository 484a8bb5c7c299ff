import type { AlertStatus, RawEvent, StatusChange, Verdict } from '../schemas/types.ts'
import { advance, type Step } from './life.ts'
import type { DriftEvent } from './transitions.ts'
import { newest } from './verdicts.ts'

/** What an operator may say of a drift, by the name of the event that carries it. */
const actions = {
  AcknowledgeAlert: 'acknowledge',
  SuppressAlert: 'suppress',
  ResolveAlert: 'resolve',
} as const satisfies Record<string, DriftEvent>

export type Action = (typeof actions)[keyof typeof actions]

export interface Command {
  /** Unique: what has been carried out is not again. */
  id: string
  driftId: string
  action: Action
  /** Who says so. */
  by: string
  reason: string | null
  /** When a suppression ends, RFC 3339. */
  until: string | null
  /** Epoch milliseconds. */
  time: number
}

const rememberedCommands = 50

/**
 * A command as an event of the key of its drift, so that it comes in order with the drift's own events, to the one
 * writer of its status, and is replayed with them. No source makes events of this provider.
 */
export function commandEvent(command: Command, eventKey: string): RawEvent {
  const { id, action, time, driftId, by, reason, until } = command
  const [name] = Object.entries(actions).find(([, one]) => one === action)!
  return {
    eventId: id,
    provider: 'tfdrift',
    account: eventKey,
    region: '',
    service: 'tfdrift',
    name,
    time,
    readOnly: false,
    failed: false,
    origin: 'tfdrift alerts',
    receivedAt: time,
    payload: JSON.stringify({ driftId, by, reason, until }),
  }
}

/** Throws a TypeError where the event is no command. */
export function readCommand({ eventId, name, time, payload }: RawEvent): Command {
  const { driftId, by, reason, until } = JSON.parse(payload) as Record<string, unknown>
  if (!Object.hasOwn(actions, name) || typeof driftId !== 'string' || typeof by !== 'string') {
    throw new TypeError(`not a command of an operator: ${name}`)
  }
  return {
    id: eventId,
    driftId,
    action: actions[name as keyof typeof actions],
    by,
    reason: typeof reason === 'string' ? reason : null,
    until: typeof until === 'string' ? until : null,
    time,
  }
}

/** Carries a command out, once. What the drift cannot do any more (it is resolved by now) is nothing. */
export function obey(row: AlertStatus, command: Command): Step {
  if (row.commands.includes(command.id)) return { row, repeats: [] }
  const { action, by, reason, until, time } = command
  const at = new Date(time).toISOString()
  const change: StatusChange = { by: 'operator', actor: by, at, reason, until }
  const commands = [...row.commands, command.id].slice(-rememberedCommands)
  const verdicts = action === 'resolve' ? overruled(row.verdicts, command) : row.verdicts
  return advance({ ...row, commands, verdicts }, action, change)
}

/** The operator has the last word on all that differs: only what comes after it can open the drift again. */
function overruled(verdicts: Verdict[], { id, time }: Command): Verdict[] {
  const last = newest(verdicts)
  const later = Math.max(time, last ? Date.parse(last.time) + 1 : 0)
  const verdict = { time: new Date(later).toISOString(), eventId: id, differs: false }
  return verdicts.map((one) => (one.differs ? { ...one, ...verdict } : one))
}
