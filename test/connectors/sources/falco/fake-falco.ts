import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { responseBytes, versionBytes, type WireFinding } from './wire.ts'

export interface FakeFalcoOptions {
  /** `unix:///PATH` or 127.0.0.1:PORT. */
  address: string
  /** PEM files. Falco serves TCP only to clients with a certificate of this authority. */
  tls?: { ca: string; cert: string; key: string }
}

/** Falco's gRPC server, up to 0.43: one queue for all clients, popped as it is written; nothing is given twice. */
export class FakeFalco {
  readonly queue: WireFinding[] = []
  /** How often the queue was asked for. */
  polls = 0
  /** Answered to every poll instead of findings. */
  fault: { code: status; details: string } | undefined
  /** Called before each finding that is written; what it throws ends the call. */
  beforeWrite: (written: number) => void | Promise<void> = () => {}
  readonly #options: FakeFalcoOptions
  #server: Server | undefined

  constructor(options: FakeFalcoOptions) {
    this.#options = options
  }

  /** Does nothing if it runs. */
  async start(): Promise<void> {
    if (this.#server) return
    const server = new Server()
    server.addService(outputs, { get: (call: Get) => void this.#get(call) })
    server.addService(version, {
      version: (_: VersionCall, answer: sendUnaryData<string>) => answer(null, '0.43.0'),
    })
    await new Promise<void>((resolve, reject) => {
      void this.#credentials().then((credentials) =>
        server.bindAsync(this.#options.address, credentials, (error) => (error ? reject(error) : resolve())),
      )
    })
    this.#server = server
  }

  /** Takes no more calls, and lets those under way end, as Falco does. */
  stop(): void {
    this.#server?.tryShutdown(() => {})
    this.#server = undefined
  }

  /** Ends at once, with every call and connection. */
  kill(): void {
    this.#server?.forceShutdown()
    this.#server = undefined
  }

  async #get(call: Get): Promise<void> {
    this.polls++
    if (call.request.length > 0) return fail(call, { code: status.INVALID_ARGUMENT, details: 'not empty' })
    if (this.fault) return fail(call, this.fault)
    const gone = new Promise((resolve) => call.once('cancelled', resolve))
    try {
      for (let written = 0; this.queue.length > 0 && !call.cancelled; written++) {
        await this.beforeWrite(written)
        if (!call.write(this.queue.shift()!)) await Promise.race([once(call, 'drain'), gone])
      }
      call.end()
    } catch (fault) {
      fail(call, fault as object)
    }
  }

  async #credentials(): Promise<ServerCredentials> {
    const { tls } = this.#options
    if (!tls) return ServerCredentials.createInsecure()
    const [ca, cert_chain, private_key] = await Promise.all(
      [tls.ca, tls.cert, tls.key].map((file) => readFile(file)),
    )
    return ServerCredentials.createSsl(ca!, [{ cert_chain: cert_chain!, private_key: private_key! }], true)
  }
}

type Get = ServerWritableStream<Buffer, WireFinding>
type VersionCall = ServerUnaryCall<Buffer, string>

function fail(call: Get, fault: object): void {
  call.emit('error', fault)
}

const raw = { requestSerialize: (bytes: Buffer) => bytes, requestDeserialize: (bytes: Buffer) => bytes }

const outputs: ServiceDefinition = {
  get: {
    ...raw,
    path: '/falco.outputs.service/get',
    requestStream: false,
    responseStream: true,
    responseSerialize: responseBytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
}

const version: ServiceDefinition = {
  version: {
    ...raw,
    path: '/falco.version.service/version',
    requestStream: false,
    responseStream: false,
    responseSerialize: versionBytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
}
