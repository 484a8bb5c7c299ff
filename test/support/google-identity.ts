import { createSign, createVerify, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

type Claims = Record<string, unknown>

function keyPair() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as Claims

/** A key as Google's are: it signs tokens, and its other half can be fetched. */
export class GoogleKey {
  readonly kid: string
  readonly #pair = keyPair()

  constructor(kid = 'key-1') {
    this.kid = kid
  }

  /** A token of OpenID Connect as Pub/Sub pushes with. */
  pushToken(claims: Claims): string {
    const now = Math.floor(Date.now() / 1000)
    const usual = {
      iss: 'https://accounts.google.com',
      iat: now,
      exp: now + 3600,
      email_verified: true,
      sub: '1',
    }
    return this.sign({ ...usual, ...claims })
  }

  sign(claims: Claims): string {
    const signed = `${encode({ alg: 'RS256', kid: this.kid, typ: 'JWT' })}.${encode(claims)}`
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(this.#pair.privateKey, 'base64url')}`
  }

  /** What a token of this key says; null: it is of another one, or over. */
  claimsOf(token: string): Claims | null {
    const [header = '', claims = '', signature = ''] = token.split('.')
    const verify = createVerify('RSA-SHA256').update(`${header}.${claims}`)
    if (!verify.verify(this.#pair.publicKey, signature, 'base64url')) return null
    const found = decode(claims)
    return Number(found.exp) * 1000 > Date.now() ? found : null
  }

  /** Serves the public half as Google serves its certificates. */
  async serveCerts(): Promise<{ certsUrl: string; fetched(): number; close(): void }> {
    let fetched = 0
    const server = http.createServer((_, response) => {
      fetched++
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' })
      response.end(JSON.stringify({ [this.kid]: this.#pair.publicKey }))
    })
    server.listen(0, '127.0.0.1').unref()
    await once(server, 'listening')
    const certsUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/oauth2/v1/certs`
    const close = () => {
      server.close()
      server.closeAllConnections()
    }
    return { certsUrl, fetched: () => fetched, close }
  }

  /** Writes a service account's key file, for GOOGLE_APPLICATION_CREDENTIALS. */
  writeKeyFile(file: string, email: string): string {
    const key = {
      type: 'service_account',
      project_id: 'tests',
      private_key_id: this.kid,
      private_key: this.#pair.privateKey,
      client_email: email,
      client_id: '1',
      token_uri: 'https://oauth2.googleapis.com/token',
    }
    writeFileSync(file, JSON.stringify(key), { mode: 0o600 })
    return file
  }
}

/** For the fake of Pub/Sub: the service account of this key may subscribe, and nobody else is known. */
export function subscriberOf(key: GoogleKey, email: string): (token: string) => 'subscriber' | 'unknown' {
  return (token) => {
    const claims = key.claimsOf(token)
    const isKnown =
      claims?.iss === email && String(claims.scope).includes('https://www.googleapis.com/auth/pubsub')
    return isKnown ? 'subscriber' : 'unknown'
  }
}
