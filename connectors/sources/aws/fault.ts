/** Of an AWS client's error, what a log may show: the name, never the text, which may quote a request. */
export function awsErrorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const code = (error as { code?: unknown; Code?: unknown }).Code ?? (error as { code?: unknown }).code
  return typeof code === 'string' && code !== error.name ? `${error.name} ${code}` : error.name
}

const missing = /NoSuchKey|NotFound|NoSuchBucket|QueueDoesNotExist|NonExistentQueue/
const forbidden =
  /AccessDenied|Forbidden|InvalidAccessKeyId|SignatureDoesNotMatch|UnrecognizedClient|ExpiredToken/

/** An object that is not there; a bucket that is not there is a fault of the configuration. */
export function isMissingObject(error: unknown): boolean {
  return /NoSuchKey|NotFound/.test(awsErrorName(error))
}

export function isMissing(error: unknown): boolean {
  return missing.test(awsErrorName(error))
}

export function isForbidden(error: unknown): boolean {
  return forbidden.test(awsErrorName(error)) || statusOf(error) === 403
}

export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
}

/** The error of a place, in words that name the place and what to do. `actions`: what must be allowed. */
export function explainAws(place: string, actions: string, cause: unknown): Error {
  return new Error(`${place}: ${reasonOf(actions, cause)}`, { cause })
}

function reasonOf(actions: string, cause: unknown): string {
  if (isMissing(cause)) return 'there is no such thing; create it, or correct the name and the region'
  if (isForbidden(cause)) return `not permitted (${awsErrorName(cause)}); allow ${actions}`
  if (awsErrorName(cause) === 'CredentialsProviderError')
    return 'no AWS credentials were found; give the process a role, or set AWS_PROFILE or AWS_ACCESS_KEY_ID'
  return `${awsErrorName(cause)}; look at the network and the endpoint`
}
