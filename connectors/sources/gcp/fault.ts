import { isObject } from '../../json.ts'

/** Of a Google client's error, what a log may show: status and code, never the text, which may quote a request. */
export function googleErrorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const status = statusOf(error)
  if (status !== null) return [status, reasonIn(error)].filter((part) => part !== null).join(' ')
  const { name, code } = error as NodeJS.ErrnoException
  return code ?? name
}

/** HTTP's, whichever of Google's clients has made the error. */
function statusOf(error: unknown): number | null {
  const { status, code, response } = error as { status?: unknown; code?: unknown; response?: unknown }
  const known = [isObject(response) ? response.status : null, status, code].find(
    (value) => typeof value === 'number',
  )
  return (known as number | undefined) ?? null
}

/** Google's own word for it, such as PERMISSION_DENIED or accessNotConfigured. */
function reasonIn(error: unknown): string | null {
  const { response, errors } = error as { response?: unknown; errors?: unknown }
  const body = isObject(response) && isObject(response.data) ? response.data.error : null
  const list = Array.isArray(errors) ? errors : []
  const found = [isObject(body) ? body.status : body, isObject(list[0]) ? list[0].reason : null]
  const word = found.find((value) => typeof value === 'string' && /^\w{1,40}$/.test(value))
  return (word as string | undefined) ?? null
}

export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404
}

/** The error of a place, in words that name the place and what to do. `role`: what must be granted. */
export function explainGoogle(place: string, role: string, cause: unknown): Error {
  return new Error(`${place}: ${reasonOf(role, cause)}`, { cause })
}

function reasonOf(role: string, cause: unknown): string {
  const name = googleErrorName(cause)
  const status = statusOf(cause)
  if (status === 404) return 'there is no such thing; create it, or correct the name'
  if (status === 403) return `not permitted (${name}); grant ${role}`
  if (status === 401 || /invalid_grant/.test(name))
    return `the Google credentials were refused (${name}); renew them`
  if (/default credentials/.test((cause as Error).message))
    return 'no Google credentials were found; give the process a service account, or set GOOGLE_APPLICATION_CREDENTIALS'
  return `${name}; look at the network and the endpoint`
}
