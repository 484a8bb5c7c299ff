import { z } from 'zod'
import type { Check } from '../check.ts'
import type { Source, SourceContext } from '../source.ts'
import { FalcoFault } from './falco/grpc-fault.ts'
import { type OutputsClient, openOutputs } from './falco/outputs-client.ts'
import { type PatientHandOver, patientHandOver } from './patient-hand-over.ts'
import { type NextLook, type Polling, poll } from './poll.ts'
import { readEvents } from './read-events.ts'

const KIND = 'falco-grpc'

export const falcoGrpcConfig = z
  .strictObject({
    /** Falco's own grpc.bind_address, or how it is reached from here. */
    address: z
      .string()
      .regex(/^unix:\/\/\/.|^(?:\[[0-9a-f:]+\]|[^:/\s]+):\d+$/i, {
        error: 'must be unix:///PATH or HOST:PORT',
      })
      .default('unix:///run/falco/falco.sock'),
    /** Files in PEM: the authority of Falco's certificate, and a certificate for us of Falco's grpc.root_certs. */
    tls: z
      .strictObject({ ca: z.string().min(1), cert: z.string().min(1), key: z.string().min(1) })
      .optional(),
  })
  .refine(({ address, tls }) => address.startsWith('unix:') === (tls === undefined), {
    path: ['tls'],
    error: 'belongs to HOST:PORT, which Falco serves by mutual TLS only; a unix socket has none',
  })

export type FalcoGrpcConfig = z.output<typeof falcoGrpcConfig>

export interface FalcoGrpcDeps {
  hashKey: Buffer
  /** How often Falco is asked for what it has queued. */
  pollMs: number
}

/**
 * Takes what Falco up to 0.43 has queued, by its gRPC outputs service. Falco forgets a finding when it sends it, so the
 * next are asked for only when the log holds the ones before, and what the log refuses is kept here and offered again.
 */
export function falcoGrpc(config: FalcoGrpcConfig, { hashKey, pollMs }: FalcoGrpcDeps): Source {
  const stopping = new AbortController()
  let client: OutputsClient | undefined
  let handOver: PatientHandOver | undefined
  let polling: Polling | undefined

  /** Asks once, and hands over all that comes. Ends early between two batches when the source stops. */
  async function look(falco: OutputsClient, { take }: PatientHandOver): Promise<NextLook> {
    try {
      for await (const findings of falco.take()) {
        const context = { origin: KIND, receivedAt: Date.now(), hashKey }
        await take([...(await readEvents(Buffer.from(findings.join('\n')), context))])
        if (stopping.signal.aborted) return 'done'
      }
    } catch (error) {
      if (!stopping.signal.aborted) throw error
    }
    return 'again'
  }

  return {
    async start(context: SourceContext) {
      const { log } = context
      const [falco, version] = await connected(config)
      log.info({ source: KIND, version }, 'taking the findings of Falco')
      client = falco
      const patient = patientHandOver(KIND, context, stopping.signal)
      handOver = patient
      polling = poll(() => look(falco, patient), { intervalMs: pollMs, name: KIND, log })
    },
    async stop() {
      stopping.abort()
      await polling?.stop()
      client?.close()
      polling = undefined
    },
    healthy: () => (polling?.healthy() && handOver?.healthy()) ?? false,
  }
}

/** For `tfdrift doctor`: connects, and asks Falco only for its version: its findings are given once. */
export async function checkFalcoGrpc(config: FalcoGrpcConfig): Promise<Check[]> {
  const what = `Falco at ${config.address}`
  try {
    const [client, version] = await connected(config)
    client.close()
    return [{ what: `${what}, version ${version}`, ok: true }]
  } catch (error) {
    if (!(error instanceof FalcoFault)) throw error
    return [{ what, ok: false, problem: error.problem, fix: error.fix }]
  }
}

async function connected(config: FalcoGrpcConfig): Promise<[OutputsClient, string]> {
  const client = await openOutputs(config)
  try {
    return [client, await client.version()]
  } catch (error) {
    client.close()
    throw error
  }
}
