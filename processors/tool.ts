import type { Tool } from '../schemas/types.ts'

export interface ToolHints {
  userAgent: string | null
  /** userIdentity.invokedBy: the service that acted for someone. */
  invokedBy: string | null
  identityType: string | null
  /** The credentials belong to a session of the AWS console. */
  fromConsole: boolean
}

/** Of all clouds: the provider's and the program's own name. */
export const terraform = /\bTerraform\/|\bOpenTofu\/|terraform-provider-/
const consoleAgent = /\bsignin\.amazonaws\.com|\bconsole\.(?:[\w-]+\.)*amazonaws\.com|^\[?S3Console/
const sdk = /\bboto3\b|\bbotocore\b|\baws-sdk-/i
/** Lambda writes its logs as the role of the function. */
const service = /\.amazonaws\.com\]?$|^\[?AWS Internal|^\[?aws-internal\/|^awslambda-worker\//

/**
 * The tool behind an AWS call. The user agent is the caller's own word: what this says may inform, but must never
 * exempt anything alone. What a caller cannot write (type, invokedBy) is therefore looked at first.
 */
export function awsTool({ userAgent, invokedBy, identityType, fromConsole }: ToolHints): Tool {
  const agent = userAgent ?? ''
  const bySignIn = invokedBy !== null && consoleAgent.test(invokedBy)
  if (identityType === 'AWSService') return 'service'
  if (invokedBy?.endsWith('.amazonaws.com') && !bySignIn) return 'service'
  if (terraform.test(agent)) return 'terraform'
  if (consoleAgent.test(agent)) return 'console'
  if (/\baws-cli\//.test(agent)) return 'cli'
  // The console's own back ends use an SDK too, under the name aws-internal.
  if (sdk.test(agent) && !service.test(agent)) return 'sdk'
  if (fromConsole || bySignIn) return 'console'
  if (service.test(agent) || invokedBy === 'AWS Internal') return 'service'
  return 'unknown'
}
