import { constants, existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import type net from 'node:net'
import path from 'node:path'
import { z } from 'zod'
import type { Check } from '../check.ts'
import type { Logger, Source } from '../source.ts'
import { BadRecordError } from './bad-record.ts'
import { type Line, linesOf } from './falco/lines.ts'
import { listenOn, SocketFault, socketAt, socketFault } from './falco/socket-file.ts'
import { type PatientHandOver, patientHandOver } from './patient-hand-over.ts'
import { type NextLook, type Polling, poll } from './poll.ts'
import { deadLetter, type EventReading, readEvents } from './read-events.ts'

const KIND = 'falco-socket'
/** As of a post. */
const MAX_LINE_BYTES = 1_048_576

export const falcoSocketConfig = z.strictObject({
  /** The socket that is made; its owner and group may write to it. */
  path: z.string().min(1),
})

export type FalcoSocketConfig = z.output<typeof falcoSocketConfig>

export interface FalcoSocketDeps {
  hashKey: Buffer
  /** How often the socket's file is looked at. */
  pollMs: number
}

/**
 * Takes the findings that Falco's program_output writes to a unix socket, one of JSON a line. Nobody is answered there:
 * a connection is read no further until the log holds its lines, so a writer waits while the log is away.
 */
export function falcoSocket({ path: file }: FalcoSocketConfig, { hashKey, pollMs }: FalcoSocketDeps): Source {
  const stopping = new AbortController()
  const connections = new Map<net.Socket, Promise<void>>()
  let server: net.Server | undefined
  let handOver: PatientHandOver | undefined
  let polling: Polling | undefined

  /** Never rejects. */
  async function serve(socket: net.Socket, { take }: PatientHandOver, log: Logger): Promise<void> {
    socket.on('error', () => {})
    try {
      for await (const lines of linesOf(socket, MAX_LINE_BYTES)) {
        await take(await readingsIn(lines, hashKey))
        if (stopping.signal.aborted) return
      }
    } catch (error) {
      // What the log did not take before the stop is told already.
      if (!stopping.signal.aborted) log.error({ source: KIND, error }, 'a connection has ended by a fault')
    } finally {
      socket.destroy()
      connections.delete(socket)
    }
  }

  /** Makes the socket again if somebody took its file away: nobody else could connect any more. */
  async function look(accept: (socket: net.Socket) => void): Promise<NextLook> {
    if (server && existsSync(file)) return 'again'
    server?.close()
    server = undefined
    server = await listenOn(file, accept)
    return 'again'
  }

  return {
    async start(context) {
      const patient = patientHandOver(KIND, context, stopping.signal)
      const accept = (socket: net.Socket) => void connections.set(socket, serve(socket, patient, context.log))
      server = await listenOn(file, accept)
      handOver = patient
      polling = poll(() => look(accept), { intervalMs: pollMs, name: KIND, log: context.log })
    },
    async stop() {
      await polling?.stop()
      polling = undefined
      server?.close()
      stopping.abort()
      const serving = [...connections.values()]
      for (const socket of connections.keys()) socket.destroy()
      await Promise.all(serving)
    },
    healthy: () => (polling?.healthy() && handOver?.healthy()) ?? false,
  }
}

async function readingsIn(lines: readonly Line[], hashKey: Buffer): Promise<EventReading[]> {
  const context = { origin: KIND, receivedAt: Date.now(), hashKey }
  const readings = lines.map(async ({ bytes, cut }) => {
    if (!cut) return [...(await readEvents(bytes, context))]
    const fault = new BadRecordError(
      'record-too-large',
      `a line of more than ${MAX_LINE_BYTES} bytes; it is cut off`,
    )
    return [deadLetter(fault, KIND, bytes)]
  })
  return (await Promise.all(readings)).flat()
}

/** For `tfdrift doctor`: whether the socket is there, or could be made. */
export async function checkFalcoSocket({ path: file }: FalcoSocketConfig): Promise<Check[]> {
  const what = `socket ${file}`
  try {
    if ((await socketAt(file)) === 'in use')
      return [{ what: `${what}, on which a process listens`, ok: true }]
    await access(path.dirname(file), constants.W_OK).catch(({ code }) => {
      throw socketFault(file, code)
    })
    return [{ what, ok: true }]
  } catch (error) {
    if (!(error instanceof SocketFault)) throw error
    return [{ what, ok: false, problem: error.problem, fix: error.fix }]
  }
}
