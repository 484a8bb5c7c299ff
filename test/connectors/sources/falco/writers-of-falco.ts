import { mkdirSync, rmSync } from 'node:fs'
import net from 'node:net'
import { falcoSocket } from '../../../../connectors/sources/falco-socket.ts'
import { until } from '../../../services/until.ts'
import { hashKey } from '../a-record.ts'
import { aFinding } from '../formats/a-falco-finding.ts'
import type { SourceHarness } from '../source.contract.ts'

/** Connects as soon as somebody listens. */
export function connected(file: string): Promise<net.Socket> {
  const attempt = () =>
    new Promise<net.Socket>((resolve, reject) => {
      const socket = net.connect(file)
      socket.once('connect', () => resolve(socket))
      // Later on an error is the end of the other side.
      socket.on('error', reject)
    })
  return until(`somebody listens on ${file}`, attempt)
}

/** The harness of the contract suite: whatever is added comes by a connection of its own, as `nc -U` makes it. */
export function writersOfFalco(): SourceHarness {
  let next = 0

  return {
    create: (folder) => falcoSocket({ path: `${folder}/falco.sock` }, { hashKey, pollMs: 10 }),
    add(folder, count) {
      mkdirSync(folder, { recursive: true })
      const finding = aFinding() as { output_fields: object }
      const lines = Array.from({ length: count }, () => {
        const output_fields = { ...finding.output_fields, 'ct.id': `socket-${next++}` }
        return `${JSON.stringify({ ...finding, output_fields })}\n`
      })
      // Where nobody ever listens, the suite misses what it waits for.
      connected(`${folder}/falco.sock`).then(
        (socket) => socket.end(lines.join('')),
        () => {},
      )
    },
    namesIn: (outputs) => outputs.flatMap(({ events = [] }) => events.map(({ eventId }) => eventId)),
    breakPlace: (folder) => rmSync(folder, { recursive: true }),
    placeName: /falco-socket: path: .*missing\/falco\.sock: there is no folder .*missing; make it/,
    givesOnce: true,
  }
}
