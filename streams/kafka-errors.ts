/** Kafka's own name of an error (UNKNOWN_TOPIC_OR_PARTITION), wherever kafkajs has wrapped it. */
export function kafkaErrorType(error: unknown): string | undefined {
  return causes(error)
    .map(ownType)
    .find((type) => type !== undefined)
}

export function isUnknownTopic(error: unknown): boolean {
  return kafkaErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION'
}

const LEADERLESS_TYPE = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE'])

/** A partition has no leader just now, or another than was asked. */
export function isLeaderless(error: unknown): boolean {
  return LEADERLESS_TYPE.has(kafkaErrorType(error) ?? '')
}

const HOPELESS_TYPE = /AUTHORIZATION_FAILED$|^INVALID_|^INCONSISTENT_|^UNSUPPORTED_|_TOO_LARGE$/
const HOPELESS_NAME = new Set([
  'KafkaJSNotImplemented',
  'KafkaJSSASLAuthenticationError',
  'KafkaJSServerDoesNotSupportApiKey',
])

/** Something else must change first: rights, credentials, versions, an unknown compression, a record's size. */
export function isHopeless(error: unknown): boolean {
  return causes(error).some((link) => HOPELESS_NAME.has(link.name) || HOPELESS_TYPE.test(ownType(link) ?? ''))
}

/**
 * Nothing but waiting is needed, as far as kafkajs knows. It is not always right: after a restart of the broker it
 * may fail with errors that it calls final.
 */
export function isPassing(error: unknown): boolean {
  const chain = causes(error)
  if (chain.some((link) => link.name === 'KafkaJSNumberOfRetriesExceeded')) return true
  const root = chain.at(-1)
  return root !== undefined && 'retriable' in root && root.retriable === true
}

/** The error and what lies beneath it, outermost first. */
export function causes(error: unknown): Error[] {
  const chain: Error[] = []
  for (let link = error; link instanceof Error && !chain.includes(link); link = link.cause) chain.push(link)
  return chain
}

function ownType(error: Error): string | undefined {
  return 'type' in error && typeof error.type === 'string' ? error.type : undefined
}
