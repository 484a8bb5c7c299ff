import { onTestFinished } from 'vitest'
import { falcoGrpc, falcoGrpcConfig } from '../../../../connectors/sources/falco-grpc.ts'
import { hashKey } from '../a-record.ts'
import type { SourceHarness } from '../source.contract.ts'
import { aWireFinding } from './a-wire-finding.ts'
import { FakeFalco } from './fake-falco.ts'

/** The harness of the contract suite: each folder has a Falco that serves a socket in it. */
export function queuesOfFalco(): SourceHarness {
  const falcos = new Map<string, FakeFalco>()
  let next = 0

  function falcoOf(folder: string): FakeFalco {
    const known = falcos.get(folder)
    if (known) return known
    const falco = new FakeFalco({ address: `unix://${folder}/falco.sock` })
    falcos.set(folder, falco)
    onTestFinished(() => falco.kill())
    return falco
  }

  return {
    create(folder) {
      const config = falcoGrpcConfig.parse({ address: `unix://${folder}/falco.sock` })
      return falcoGrpc(config, { hashKey, pollMs: 10 })
    },
    async add(folder, count) {
      const falco = falcoOf(folder)
      const finding = aWireFinding()
      for (let i = 0; i < count; i++) {
        falco.queue.push({ ...finding, fields: { ...finding.fields, 'ct.id': `grpc-${next++}` } })
      }
      await falco.start()
    },
    namesIn: (outputs) => outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId)),
    breakPlace: (folder) => falcoOf(folder).stop(),
    placeName: /falco-grpc: address: unix:.*missing\/falco\.sock: there is no such socket; start Falco/,
    givesOnce: true,
  }
}
