import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../cli/config/load.ts'
import { type OpenBus, openBus } from '../../../cli/service/open-bus.ts'
import { tempFolder } from '../../connectors/sources/temp-folder.ts'
import { available } from '../../services/available.ts'
import { kafkaCertificates, kafkaUsers } from '../../services/kafka-security.ts'
import { registryGate, registryUser } from '../../services/registry-gate.ts'
import { SLOW, silent } from '../../streams/kafka-support.ts'
import { v1 } from '../../streams/registry.contract.ts'

const { kafka, registry } = available()
const files = await kafkaCertificates().catch(() => null)

/** JSON is YAML. */
async function open(changes: Record<string, unknown>): Promise<OpenBus> {
  const file = path.join(tempFolder(), 'tfdrift.yaml')
  const settings = {
    brokers: [kafka?.saslBroker],
    registry: registry?.url,
    ssl: { ca: files?.ca },
    sasl: { mechanism: 'plain', ...kafkaUsers.plain },
    ...changes,
  }
  writeFileSync(file, JSON.stringify({ bus: { kind: 'kafka', kafka: settings } }))
  const opened = await openBus(loadConfig(file, {}), silent)
  onTestFinished(() => opened.close())
  return opened
}

async function works({ bus, ids }: OpenBus): Promise<void> {
  const name = `topic-${randomUUID()}`
  await bus.ensureTopics([{ name, partitions: 1, cleanup: 'delete' }])
  await bus.publish([{ topic: name, key: null, value: Buffer.from('a') }])
  expect(await bus.offsets(name)).toEqual([{ partition: 0, low: 0, high: 1 }])
  const id = await ids.register(`${name}-value`, v1, 'BACKWARD_TRANSITIVE')
  expect(JSON.parse(await ids.lookup(id))).toMatchObject({ name: expect.stringContaining('Thing') })
}

describe.skipIf(!kafka || !registry)('the links that bus.kafka describes', SLOW, () => {
  test('a password, and a registry behind TLS and a password', async () => {
    const gate = await registryGate(registry?.url ?? '')
    const { username, password } = registryUser
    const registryAuth = `${username}:${password}`
    await works(await open({ registry: gate, registryAuth, registrySsl: { ca: files?.ca } }))
  })

  test('a certificate of one’s own', async () => {
    const ssl = { ca: files?.ca, cert: files?.clientCert, key: files?.clientKey }
    await works(await open({ brokers: [kafka?.sslBroker], ssl, sasl: undefined }))
  })

  test('a fault is told with the setting that mends it', async () => {
    const sasl = { mechanism: 'plain', ...kafkaUsers.plain, password: 'wrong' }
    const missing = path.join(tempFolder(), 'ca.pem')
    const faults: [Record<string, unknown>, string][] = [
      [{ sasl }, 'bus.kafka.sasl: the broker refuses this user name and password'],
      [{ ssl: { ca: files?.otherCa } }, 'bus.kafka.ssl.ca: the broker shows a certificate of an unknown'],
      [{ ssl: { ca: missing } }, `bus.kafka.ssl.ca: ${missing} cannot be read (ENOENT); correct the path`],
      [{ ssl: { ca: import.meta.filename } }, 'holds no PEM text'],
    ]
    const messages = await Promise.all(faults.map(([changes]) => open(changes).catch(messageOf)))
    expect(messages).toEqual(faults.map(([, message]) => expect.stringContaining(message)))
  })

  test('a registry that does not let in, or is not to be trusted, is told with its setting', async () => {
    const gate = await registryGate(registry?.url ?? '')
    const untrusted = await open({ registry: gate, registryAuth: 'a:b' })
    const refused = await open({ registry: gate, registryAuth: 'a:b', registrySsl: { ca: files?.ca } })
    for (const ask of [
      ({ ids }: OpenBus) => ids.lookup(1),
      ({ ids }: OpenBus) => ids.register('a-value', v1, 'BACKWARD_TRANSITIVE'),
    ]) {
      await expect(ask(untrusted)).rejects.toThrow(/^bus\.kafka\.registrySsl\.ca: .*unknown authority/)
      await expect(ask(refused)).rejects.toThrow(/^bus\.kafka\.registryAuth: .* refuses this user/)
    }
  })
})

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
