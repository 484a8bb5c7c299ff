import { alert, alerts, commandAlert } from './alerts.ts'
import { deadLetter, deadLetters } from './dead-letters.ts'
import type { Operation } from './operation.ts'
import { redrive } from './redrive.ts'
import { rehearseRules } from './rehearse-rules.ts'
import { rehearse, replay } from './replay.ts'
import { state } from './state.ts'
import { tap } from './tap.ts'
import { createTopics, topics } from './topics.ts'

/** Every operation by the name that the control socket knows it by. */
export const operations = {
  topics,
  createTopics,
  tap,
  state,
  replay,
  rehearse,
  rehearseRules,
  deadLetters,
  deadLetter,
  redrive,
  alerts,
  alert,
  commandAlert,
}

export type OperationName = keyof typeof operations
export type OperationArgs<N extends OperationName> = Parameters<(typeof operations)[N]>[1]

/** The same, for callers that have a name and arguments from outside. */
export function operation(name: string): Operation<never> | undefined {
  return Object.hasOwn(operations, name) ? (operations[name as OperationName] as Operation<never>) : undefined
}
