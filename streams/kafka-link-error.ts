import { causes, kafkaErrorType } from './kafka-errors.ts'

/** The part of a Kafka connection's settings that is at fault. */
export type LinkSetting = 'brokers' | 'ssl' | 'ssl.ca' | 'ssl.cert' | 'sasl'

/** A broker that does not let us in as we are configured. The message says why and what to change, but not where. */
export class KafkaLinkError extends Error {
  override name = 'KafkaLinkError'
  readonly setting: LinkSetting
  constructor(setting: LinkSetting, message: string, options?: ErrorOptions) {
    super(message, options)
    this.setting = setting
  }
}

/** What of the settings has to change; null where it is none of them, such as a broker that is away. */
export function linkError(error: unknown, used: { ssl: boolean; sasl: boolean }): KafkaLinkError | null {
  const found = saslFault(error) ?? tlsFault(error) ?? closedFault(error, used)
  return found && new KafkaLinkError(...found, { cause: error })
}

/** The code of the operating system, where no connection could be made at all; else null. */
export function unreachable(error: unknown): string | null {
  const failed = causes(error).find(({ name }) => name === 'KafkaJSConnectionError')
  return failed ? codeOf(failed) || 'no answer' : null
}

type Fault = [LinkSetting, string]

function saslFault(error: unknown): Fault | null {
  if (causes(error).some(({ name }) => name === 'KafkaJSSASLAuthenticationError'))
    return ['sasl', 'the broker refuses this user name and password; correct them']
  switch (kafkaErrorType(error)) {
    case 'UNSUPPORTED_SASL_MECHANISM':
      return ['sasl', 'the broker does not take this mechanism; choose one that it takes']
    case 'ILLEGAL_SASL_STATE':
      return [
        'sasl',
        'the broker asks for no user at this address; name its address for users, or leave it out',
      ]
    default:
      return null
  }
}

const unknownAuthority = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
])

/** Whether a peer's certificate has been signed by nobody whom we trust. */
export function isUnknownAuthority(error: unknown): boolean {
  return causes(error).some((link) => unknownAuthority.has(codeOf(link)))
}

function tlsFault(error: unknown): Fault | null {
  if (isUnknownAuthority(error))
    return [
      'ssl.ca',
      'the broker shows a certificate of an unknown authority; name the file of that authority',
    ]
  const codes = causes(error).map(codeOf)
  if (codes.includes('ERR_TLS_CERT_ALTNAME_INVALID'))
    return ['brokers', "the broker's certificate is for another name; use the name that it is for"]
  if (codes.includes('CERT_HAS_EXPIRED'))
    return ['ssl', "the broker's certificate has expired; renew it there"]
  // What the broker thinks of ours reaches us as an alert.
  if (codes.some((code) => /^ERR_SSL_.*(CERTIFICATE|UNKNOWN_CA)/.test(code)))
    return [
      'ssl.cert',
      'the broker wants a certificate of an authority that it knows; name its file and its key',
    ]
  const plain = causes(error).some(({ message }) => message.includes('before secure TLS connection'))
  if (plain || codes.includes('ERR_SSL_WRONG_VERSION_NUMBER'))
    return ['ssl', 'there is no TLS at this address; name the address that has it, or leave it out']
  return null
}

/** A broker that gets something else than it expects hangs up without a word. */
function closedFault(error: unknown, used: { ssl: boolean; sasl: boolean }): Fault | null {
  if (!causes(error).some(({ name }) => name === 'KafkaJSConnectionClosedError')) return null
  if (!used.ssl) return ['ssl', 'the broker hangs up: if it wants TLS at this address, switch it on']
  return used.sasl ? null : ['sasl', 'the broker hangs up: if it wants a user at this address, name one']
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
