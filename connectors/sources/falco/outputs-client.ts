import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { ChannelCredentials, Client, ClientReadableStream, ServiceError } from '@grpc/grpc-js'
import { type FalcoResponse, findingOf } from './finding.ts'
import { FalcoFault, grpcFault } from './grpc-fault.ts'

export interface FalcoAddress {
  /** `unix:///PATH` or HOST:PORT. */
  address: string
  /** Files in PEM; with HOST:PORT only. */
  tls?: { ca: string; cert: string; key: string } | undefined
}

/** Falco's gRPC server. What it throws names the setting and the fix. */
export interface OutputsClient {
  /** Connects, and takes nothing from the queue. */
  version(): Promise<string>
  /**
   * Takes what is queued, as JSON, in batches; ends when the queue is empty. Each batch is gone from Falco, so what came
   * before a fault is yielded before it is thrown. While nobody asks for the next batch, Falco keeps the rest.
   */
  take(): AsyncGenerator<string[]>
  close(): void
}

const MAX_FINDINGS = 500
const MAX_CHARACTERS = 4_000_000
/** A larger finding would be lost: what is read from it is a dead letter above 1 MB. */
const MAX_MESSAGE_BYTES = 64 * 2 ** 20

const DEADLINE_EXCEEDED = 4

interface Outputs extends Client {
  get(request: object): ClientReadableStream<FalcoResponse>
}
interface Version extends Client {
  version(
    request: object,
    options: { deadline: number },
    done: (error: ServiceError | null, answer?: { version: string }) => void,
  ): void
}

/** Throws for what can be said without connecting. `patienceMs`: how long Falco may say nothing when it is asked. */
export async function openOutputs(config: FalcoAddress, patienceMs = 10_000): Promise<OutputsClient> {
  const { outputs, version } = await stubs(config)
  const { address } = config
  const named = (error: unknown) => grpcFault(error as ServiceError, address)
  const silent = () =>
    new FalcoFault(
      `address: ${address}`,
      `Falco has not answered for ${patienceMs} ms`,
      'see whether it still runs',
    )

  async function* take(): AsyncGenerator<string[]> {
    const call = outputs.get({})
    // The iterator hears of errors only while it is asked.
    call.on('error', () => {})
    const responses = call[Symbol.asyncIterator]()
    let batch: string[] = []
    let size = 0
    let patient = true
    const giveUp = () => {
      patient = false
      call.cancel()
    }
    try {
      for (;;) {
        const next = await withPatience(responses.next(), patienceMs, giveUp)
        if (next.done) break
        const text = JSON.stringify(findingOf(next.value as FalcoResponse))
        batch.push(text)
        size += text.length
        if (batch.length < MAX_FINDINGS && size < MAX_CHARACTERS) continue
        yield batch
        batch = []
        size = 0
      }
      if (batch.length > 0) yield batch
    } catch (error) {
      if (batch.length > 0) yield batch
      throw patient ? named(error) : silent()
    } finally {
      call.cancel()
    }
  }

  return {
    take,
    version: () =>
      new Promise((resolve, reject) => {
        version.version({}, { deadline: Date.now() + patienceMs }, (error, answer) => {
          if (error) reject(error.code === DEADLINE_EXCEEDED ? silent() : named(error))
          else resolve(answer?.version ?? '')
        })
      }),
    close() {
      outputs.close()
      version.close()
    },
  }
}

async function withPatience<T>(answer: Promise<T>, ms: number, giveUp: () => void): Promise<T> {
  const timer = setTimeout(giveUp, ms)
  try {
    return await answer
  } finally {
    clearTimeout(timer)
  }
}

type Service = new (address: string, credentials: ChannelCredentials, options: object) => Client

/** gRPC is loaded only when Falco is read: the other sources have no use for it. */
async function stubs(config: FalcoAddress): Promise<{ outputs: Outputs; version: Version }> {
  const [grpc, { loadSync }] = await Promise.all([import('@grpc/grpc-js'), import('@grpc/proto-loader')])
  const definitions = loadSync(['outputs.proto', 'version.proto'], {
    includeDirs: [import.meta.dirname],
    keepCase: true,
    longs: String,
    enums: Number,
    defaults: true,
  })
  const { falco } = grpc.loadPackageDefinition(definitions) as unknown as {
    falco: Record<'outputs' | 'version', { service: Service }>
  }
  const { credentials, options } = await securityOf(config)
  const open = ({ service }: { service: Service }) =>
    new service(config.address, credentials, {
      'grpc.initial_reconnect_backoff_ms': 250,
      'grpc.max_reconnect_backoff_ms': 10_000,
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.service_config_disable_resolution': 1,
      // Falco is a neighbour.
      'grpc.enable_http_proxy': 0,
      ...options,
    })
  return { outputs: open(falco.outputs) as Outputs, version: open(falco.version) as Version }
}

async function securityOf({
  address,
  tls,
}: FalcoAddress): Promise<{ credentials: ChannelCredentials; options: object }> {
  const { credentials } = await import('@grpc/grpc-js')
  if (!tls) return { credentials: credentials.createInsecure(), options: {} }
  const [ca, cert, key] = await Promise.all([pem('ca', tls.ca), pem('cert', tls.cert), pem('key', tls.key)])
  const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  // An address is no name for TLS, and Node writes a warning where the client gives it as one.
  const options = isIP(host) ? { 'grpc.ssl_target_name_override': 'falco' } : {}
  try {
    const verify = {
      checkServerIdentity: (_: string, seen: PeerCertificate) => checkServerIdentity(host, seen),
    }
    return { credentials: credentials.createSsl(ca, key, cert, verify), options }
  } catch (cause) {
    const problem = 'cert and key must be PEM files, and the key that of the certificate'
    throw new FalcoFault('tls', problem, 'correct the paths', cause)
  }
}

async function pem(field: string, file: string): Promise<Buffer> {
  return await readFile(file).catch(({ code }: NodeJS.ErrnoException) => {
    throw new FalcoFault(`tls.${field}: ${file}`, `cannot be read (${code})`, 'correct the path or allow it')
  })
}
