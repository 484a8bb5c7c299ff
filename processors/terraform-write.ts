import type { RawEvent } from '../schemas/types.ts'
import { normalize } from './normalize/normalize.ts'

const removal =
  /(?:^|[./])(?:delete|terminate|destroy|remove|release|deregister|detach|disassociate|revoke|schedule\w*deletion)/i

/**
 * Which of Terraform's commands makes such a call, as far as its tool says who it was: a call that takes something away
 * may be one of either. Empty for what is no change of Terraform's. Throws if the payload is not a JSON object.
 */
export function terraformCommands(event: RawEvent): ('terraform apply' | 'terraform destroy')[] {
  const call = normalize(event)
  if (typeof call === 'string' || call.actor.tool !== 'terraform') return []
  return removal.test(call.name) ? ['terraform apply', 'terraform destroy'] : ['terraform apply']
}
