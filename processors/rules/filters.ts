import type { Actor, Severity } from '../../schemas/types.ts'
import { glob } from '../glob.ts'
import type { Filter } from './schema.ts'

/** What a rule's filters make of a match: it does not count, it has another severity, or (null) it stands. */
export type FilterVerdict = 'skip' | Severity | null

/** The first filter of which every property fits the actor decides. */
export function compileFilters(filters: readonly Filter[]): (actor: Actor) => FilterVerdict {
  const compiled = filters.map((filter) => ({
    fits: compileIdentity(filter.user_identity),
    verdict: filter.action === 'skip' ? ('skip' as const) : filter.value,
  }))
  return (actor) => compiled.find(({ fits }) => fits(actor))?.verdict ?? null
}

function compileIdentity(identity: Filter['user_identity']): (actor: Actor) => boolean {
  const tests = Object.entries(identity).map(([property, pattern]) => {
    const matches = glob(pattern as string)
    const values = valuesOf[property as keyof typeof valuesOf]
    return (actor: Actor) => values(actor).some((value) => value !== null && matches(value))
  })
  return (actor) => tests.every((test) => test(actor))
}

/** The values of an actor under each property of `user_identity`. One of them must match. */
const valuesOf: Record<keyof Filter['user_identity'], (actor: Actor) => (string | null)[]> = {
  type: ({ type }) => [type],
  // Of AROAEXAMPLE:session the part before the colon identifies the role; the caller chooses the session's name.
  principal_id: ({ principalId }) => [principalId, principalId?.split(':')[0] ?? null],
  principal_email: ({ email }) => [email],
  arn: ({ arn }) => [arn],
  role: ({ sessionIssuer }) => [sessionIssuer, sessionIssuer?.split('/').at(-1) ?? null],
  source_ip: ({ sourceIp }) => [sourceIp],
  tool: ({ tool }) => [tool],
}
