import type { Actor } from '../schemas/types.ts'
import { compileFilters } from './filters.ts'

/** Is a call by this actor Terraform's own? */
export type IsTerraforms = (actor: Actor) => boolean

/**
 * By the user agent, which is the caller's own word; where principals are given (globs), only if one of them matches
 * who called. Names that a caller chooses are not looked at. Where a record says nothing of the tool, as Azure's never
 * do, such a principal is enough.
 */
export function terraformsOwn(principals?: readonly string[]): IsTerraforms {
  if (principals === undefined) return ({ tool }) => tool === 'terraform'
  const isListed = compileFilters({ include: { actor: principals }, exclude: {} })
  return ({ tool, arn, sessionIssuer, email, principalId }) => {
    const names = [arn, sessionIssuer, email, principalId].filter((name) => name !== null)
    return (tool === 'terraform' || tool === 'unknown') && isListed({ ...anywhere, actor: names })
  }
}

const anywhere = { provider: '', account: '', region: '', service: '', event: '' }
