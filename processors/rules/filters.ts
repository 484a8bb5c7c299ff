import type { Actor, Severity } from '../../schemas/types.ts'
import { glob } from '../glob.ts'
import type { Filter } from './schema.ts'
import { compileTimeWindow } from './time-window.ts'

/** Who did it, and when (epoch milliseconds). */
export interface Deed {
  actor: Actor
  time: number
}

/** What a rule's filters make of a match: it does not count, or it has another severity. */
export interface FilterVerdict {
  filter: Filter
  verdict: 'skip' | Severity
}

/** The first filter of which every property fits decides; null: the match stands. */
export function compileFilters(filters: readonly Filter[]): (deed: Deed) => FilterVerdict | null {
  const compiled = filters.map((filter) => ({
    fits: compileFilter(filter),
    decided: { filter, verdict: filter.action === 'skip' ? ('skip' as const) : filter.value },
  }))
  return (deed) => compiled.find(({ fits }) => fits(deed))?.decided ?? null
}

function compileFilter({ user_identity, time_window }: Filter): (deed: Deed) => boolean {
  const isWho = compileIdentity(user_identity ?? {})
  const isWhen = time_window ? compileTimeWindow(time_window) : () => true
  return ({ actor, time }) => isWho(actor) && isWhen(time)
}

type Identity = NonNullable<Filter['user_identity']>

function compileIdentity(identity: Identity): (actor: Actor) => boolean {
  const tests = Object.entries(identity).map(([property, pattern]) => {
    const matches = glob(pattern as string)
    const values = valuesOf[property as keyof typeof valuesOf]
    return (actor: Actor) => values(actor).some((value) => value !== null && matches(value))
  })
  return (actor) => tests.every((test) => test(actor))
}

/** The values of an actor under each property of `user_identity`. One of them must match. */
const valuesOf: Record<keyof Identity, (actor: Actor) => (string | null)[]> = {
  type: ({ type }) => [type],
  // Of AROAEXAMPLE:session the part before the colon identifies the role; the caller chooses the session's name.
  principal_id: ({ principalId }) => [principalId, principalId?.split(':')[0] ?? null],
  principal_email: ({ email }) => [email],
  arn: ({ arn }) => [arn],
  role: ({ sessionIssuer }) => [sessionIssuer, sessionIssuer?.split('/').at(-1) ?? null],
  source_ip: ({ sourceIp }) => [sourceIp],
  tool: ({ tool }) => [tool],
}
