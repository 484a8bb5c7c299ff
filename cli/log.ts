import { type DestinationStream, pino, stdTimeFunctions } from 'pino'
import type { Logger } from '../connectors/source.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const MAX_MESSAGE = 500
const MAX_DEPTH = 4

/**
 * Logs JSON lines. Every error among the fields, whatever its key, goes through describeError, and the text of one
 * under `error` is treated alike; binary values are replaced by their length. The fields themselves are the caller's
 * duty: never a payload.
 */
export function createLogger(options: {
  level: LogLevel
  stream: DestinationStream
}): Logger & { child(fields: object): Logger } {
  return pino(
    {
      level: options.level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) =>
          Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, withoutValues(key, value)])),
      },
      // formatters.log has already described it; pino's own serializer would take it for an error again.
      serializers: { err: (described) => described },
    },
    options.stream,
  )
}

function withoutValues(key: string, value: unknown): unknown {
  if (value instanceof Error) return describeError(value)
  if (key === 'error' && typeof value === 'string') return redact(value)
  if (value instanceof Uint8Array) return `${value.length} bytes`
  return value
}

/**
 * What may be logged of an error. Codecs, parsers and clients quote the value that they choked on, and that may
 * be a secret: so only the name, the code, the frames of the stack and the message without what stands between
 * quotes or braces (its first line) are kept, and of web addresses only the host.
 */
export function describeError(error: Error, depth = 1): object {
  const { code, syscall, cause } = error as NodeJS.ErrnoException & { cause?: unknown }
  const errors = error instanceof AggregateError ? error.errors : []
  const inner = (nested: unknown) =>
    nested instanceof Error && depth < MAX_DEPTH ? describeError(nested, depth + 1) : undefined
  return {
    type: error.name,
    message: redact(error.message),
    ...(code !== undefined && { code }),
    ...(syscall !== undefined && { syscall }),
    stack: framesOf(error),
    cause: inner(cause),
    ...(errors.length > 0 && { errors: errors.slice(0, 3).map(inner) }),
  }
}

/** The stack begins with the message, which may itself have lines that look like frames. */
function framesOf({ stack = '', message }: Error): string[] {
  return stack
    .replace(message, '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
}

/** The message of an error as it may be stored in the open, such as in the headers of a dead letter. */
export function safeMessage(error: Error): string {
  return redact(error.message)
}

/**
 * What a command says of the error that ends it. Our own errors name files and fixes and quote no values; those of
 * the language, which parsers throw, may quote what they choked on, and so may whatever is the cause.
 */
export function toldMessage(error: Error): string {
  const message =
    error instanceof SyntaxError || error instanceof TypeError ? safeMessage(error) : error.message
  const cause = error.cause instanceof Error ? safeMessage(error.cause) : ''
  return message.includes(cause) ? message : `${message} (${cause})`
}

function redact(message: string): string {
  return (
    message
      .replace(/(https?:\/\/)(?:[^\s/@]*@)?([^\s/?#"']+)[^\s"']*?(?=[:;,]?(?:[\s"']|$))/g, '$1$2')
      // An apostrophe inside a word opens nothing. Greedy: the quoted value may itself hold quotes.
      .replace(/(?<!\w)["'`{[].*["'`}\]]/s, '…')
      // avsc: invalid "string": 42
      .replace(/…: \S+$/, '…')
      .split('\n', 1)[0]!
      .slice(0, MAX_MESSAGE)
  )
}
