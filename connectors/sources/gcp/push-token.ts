export interface PushTokenOptions {
  audience: string
  /** The e-mail address of the service account that the subscription pushes as. */
  serviceAccount: string
  /** Where Google's certificates are; left out: at Google. */
  certsUrl?: string | undefined
}

/** What the token in the header is; null: what it must be. Throws if the certificates cannot be had. */
export type PushTokenVerifier = (authorization: string | undefined) => Promise<TokenFault | null>

export type TokenFault =
  | 'missing; switch authentication on in the subscription'
  | 'not signed by Google'
  | 'expired, or not yet valid; look at the clock of this machine'
  | 'for another audience; make `audience` and that of the subscription the same'
  | 'of another service account; correct `serviceAccount`'

/** Verifies the OpenID Connect tokens of Pub/Sub: https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions */
export async function pushTokenVerifier(options: PushTokenOptions): Promise<PushTokenVerifier> {
  const { audience, serviceAccount, certsUrl } = options
  const { OAuth2Client } = await import('google-auth-library')
  const client = new OAuth2Client(
    certsUrl === undefined ? {} : { endpoints: { oauth2FederatedSignonPemCertsUrl: certsUrl } },
  )

  return async (authorization) => {
    const [, idToken] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
    if (!idToken) return 'missing; switch authentication on in the subscription'
    try {
      const payload = (await client.verifyIdToken({ idToken, audience })).getPayload()
      const isOurs = payload?.email === serviceAccount && payload.email_verified === true
      return isOurs ? null : 'of another service account; correct `serviceAccount`'
    } catch (error) {
      const { message } = error as Error
      if (message.startsWith('Failed to retrieve'))
        throw new Error(
          "Google's certificates cannot be fetched; allow this machine to reach them, or set certsUrl",
        )
      return faultIn(message)
    }
  }
}

/** The library's texts quote the token. */
function faultIn(message: string): TokenFault {
  if (/^Token used too/.test(message)) return 'expired, or not yet valid; look at the clock of this machine'
  if (/^Wrong recipient/.test(message))
    return 'for another audience; make `audience` and that of the subscription the same'
  return 'not signed by Google'
}
