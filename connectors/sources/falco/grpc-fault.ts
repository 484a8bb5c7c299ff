import type { ServiceError } from '@grpc/grpc-js'

/** What stands between us and Falco: where in the settings, what, and how to mend it. */
export class FalcoFault extends Error {
  readonly problem: string
  readonly fix: string
  constructor(place: string, problem: string, fix: string, cause?: unknown) {
    const found = `falco-grpc: ${place}: ${problem}`
    super(`${found}; ${fix}`, { cause })
    this.problem = found
    this.fix = fix
  }
}

const UNIMPLEMENTED = 12
const START =
  'start Falco (0.43 or before) with grpc.enabled, grpc_output.enabled and this grpc.bind_address, or correct address'
const TLS = "use a certificate that Falco's grpc.root_certs has signed, and its TLS port"

type Known = [sign: RegExp, setting: 'address' | 'tls' | 'tls.ca', problem: string, fix: string]

/** What the client says of a connection that does not come about, by signs in its words. */
const known: Known[] = [
  [/\bENOENT\b/, 'address', 'there is no such socket', START],
  [/\bECONNREFUSED\b/, 'address', 'nobody listens there', START],
  [/\bEACCES\b/, 'address', 'this user may not use the socket', 'run it as a user who may write to it'],
  [/Name resolution failed/, 'address', 'there is no such host', 'correct its name'],
  [/ALTNAME_INVALID/, 'address', "Falco's certificate is for another name", 'use the name in it'],
  [
    /self-signed|unable to (?:get|verify)/,
    'tls.ca',
    'another authority has signed the certificate of Falco',
    'name its file',
  ],
  [/Protocol error/, 'address', 'it does not speak gRPC', START],
  [
    /Failed to connect|\balert\b|\bECONNRESET\b/,
    'tls',
    'it ends the connection, and so refuses the certificate',
    TLS,
  ],
]

/** The client's error in our words, alike for faults that are alike. */
export function grpcFault(error: ServiceError, address: string): FalcoFault {
  const { code, details = error.message } = error
  if (code === UNIMPLEMENTED)
    return new FalcoFault(
      `address: ${address}`,
      "this is not Falco's gRPC server, which Falco 0.44 and later have not",
      'use falco-http instead',
      error,
    )
  const isUnix = address.startsWith('unix:')
  const found = known.find(([sign, setting]) => sign.test(details) && !(isUnix && setting.startsWith('tls')))
  if (!found) {
    const problem = details.replace(/ \(\d{4}-[^)]*\)/, '')
    return new FalcoFault(`address: ${address}`, problem, 'look at the log of Falco', error)
  }
  const [, setting, problem, fix] = found
  return new FalcoFault(`${setting}: ${address}`, problem, fix, error)
}
