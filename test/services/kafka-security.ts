import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached } from './maven.ts'

const run = promisify(execFile)

/** Users of the broker's SASL_SSL listener. */
export const kafkaUsers = {
  plain: { username: 'plain-user', password: 'plain-password' },
  scram: { username: 'scram-user', password: 'scram-password' },
  /** As Azure's Event Hubs have it: the user is always this, and the password the whole connection string. */
  eventHubs: {
    username: '$ConnectionString',
    password:
      'Endpoint=sb://tests.servicebus.windows.net/;SharedAccessKeyName=listen;SharedAccessKey=dGhlIGtleSBvZiB0aGUgdGVzdHM=',
  },
}

/** Certificates of one authority, and another authority that has signed none of them. All PEM. */
export interface KafkaCertificates {
  ca: string
  otherCa: string
  /** For 127.0.0.1 and localhost. */
  serverCert: string
  serverKey: string
  clientCert: string
  clientKey: string
}

/** Made once, with openssl, and kept with the downloaded services; valid for a hundred years. */
export async function kafkaCertificates(): Promise<KafkaCertificates> {
  return certificatesIn(await cached('certificates-1', makeCertificates))
}

function certificatesIn(dir: string): KafkaCertificates {
  const file = (name: string) => join(dir, name)
  return {
    ca: file('ca.pem'),
    otherCa: file('other-ca.pem'),
    serverCert: file('server.pem'),
    serverKey: file('server.key'),
    clientCert: file('client.pem'),
    clientKey: file('client.key'),
  }
}

async function makeCertificates(dir: string): Promise<void> {
  await makeAuthority(dir, 'ca')
  await makeAuthority(dir, 'other-ca')
  await makeSigned(dir, 'server', 'subjectAltName=IP:127.0.0.1,DNS:localhost')
  await makeSigned(dir, 'client', 'extendedKeyUsage=clientAuth')
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '36500']

async function makeAuthority(dir: string, name: string): Promise<void> {
  const files = ['-keyout', join(dir, `${name}.key`), '-out', join(dir, `${name}.pem`)]
  await run('openssl', ['req', '-x509', ...newKey, '-subj', `/CN=tfdrift tests ${name}`, ...files])
}

async function makeSigned(dir: string, name: string, extension: string): Promise<void> {
  const issuer = ['-CA', join(dir, 'ca.pem'), '-CAkey', join(dir, 'ca.key')]
  const files = ['-keyout', join(dir, `${name}.key`), '-out', join(dir, `${name}.pem`)]
  const subject = ['-subj', `/CN=tfdrift tests ${name}`, '-addext', extension]
  await run('openssl', ['req', '-x509', ...issuer, ...newKey, ...subject, ...files])
}

/**
 * The broker's properties for two more listeners: SASL_SSL, where a user says its password by PLAIN or SCRAM, and
 * SSL, where a client must show a certificate. `dir` gets the broker's own certificate and key in one file.
 */
export async function securityProperties(dir: string): Promise<Record<string, string>> {
  const { ca, serverCert, serverKey } = await kafkaCertificates()
  const identity = join(dir, 'server-identity.pem')
  await writeFile(identity, `${await readFile(serverKey, 'utf8')}${await readFile(serverCert, 'utf8')}`)
  const { plain, eventHubs } = kafkaUsers
  const users = [plain, eventHubs].map(({ username, password }) => `user_${username}="${password}"`)
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': identity,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
    'listener.name.ssl.ssl.client.auth': 'required',
    'listener.name.sasl_ssl.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${users.join(' ')};`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  }
}

/** For the formatting of the data folder: SCRAM's users live in the cluster's own metadata. */
export function scramArguments(): string[] {
  const { username, password } = kafkaUsers.scram
  return ['--add-scram', `SCRAM-SHA-512=[name=${username},password=${password}]`]
}
