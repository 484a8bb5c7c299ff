import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSensitiveName } from '../../schemas/sensitive-name.ts'

const secrets = [
  'password',
  'master_password',
  'masterUserPassword',
  'dBPassword',
  'DB_PASSWORD',
  'MasterUserPassword',
  'secret',
  'client_secret',
  'clientSecret',
  'secretString',
  'secret_access_key',
  'SecretAccessKey',
  'sessionToken',
  'auth_token',
  'access_token',
  'token',
  'privateKey',
  'sSHPrivateKey',
  'private_key_pem',
  'api_key',
  'aPIKey',
  'x-api-key',
  'passphrase',
  'tunnel1_preshared_key',
  'primary_connection_string',
  'basic_auth_credentials',
  '/prod/db/password',
]

const harmless = [
  'http_tokens',
  'httpTokens',
  'minimum_password_length',
  'passwordResetRequired',
  'secret_arn',
  'secretId',
  'token_validity_units',
  'tokenType',
  'key_name',
  'keyName',
  'kms_key_id',
  'public_key',
  'accessKeyId',
  'nextToken',
  'next_token',
  'clientToken',
  'clientRequestToken',
  'creation_token',
  'idempotencyToken',
  'lockToken',
  'apiKeySource',
  'credentials_arn',
  'passwordless',
  'secretary',
  'aws:RequestTag/Token',
  'Token.$',
  '',
  '__proto__',
  'constructor',
]

test.each(secrets)('%s names a secret', (name) => {
  expect(isSensitiveName(name)).toBe(true)
})

test.each(harmless)('%s names no secret', (name) => {
  expect(isSensitiveName(name)).toBe(false)
})

test('only a whole word makes a name sensitive, and only at its end', () => {
  const word = fc.stringMatching(/^[a-z]{2,8}$/)
  fc.assert(
    fc.property(word, word, (before, after) => {
      expect(isSensitiveName(`${before}_password`)).toBe(true)
      expect(isSensitiveName(`${before}Password`)).toBe(true)
      expect(isSensitiveName(`password_${after}_count`)).toBe(false)
    }),
  )
})
