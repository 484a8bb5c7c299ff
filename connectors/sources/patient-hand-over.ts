import { withRetries } from '../retry.ts'
import { DeliveryError } from '../sink.ts'
import type { SourceContext } from '../source.ts'
import { handOverReadings } from './hand-over-readings.ts'
import type { EventReading } from './read-events.ts'

/** Hands over what its sender will not give again. */
export interface PatientHandOver {
  /** Keeps at it until the log holds all. Rejects only once the source stops; what the log has not taken is lost then. */
  take(readings: readonly EventReading[]): Promise<void>
  /** False while the log takes nothing. */
  healthy(): boolean
}

const policy = { minMs: 100, maxMs: 10_000, maxElapsedMs: Number.POSITIVE_INFINITY }

/** `signal` aborts when the source stops. A fault is logged once, and so is what is lost. */
export function patientHandOver(kind: string, context: SourceContext, signal: AbortSignal): PatientHandOver {
  /** What the log has been told already. */
  let fault: string | undefined

  function report({ message }: Error): void {
    if (message !== fault) context.log.error({ source: kind, error: message }, 'trying again')
    fault = message
  }

  return {
    healthy: () => fault === undefined,
    async take(readings) {
      let taken = 0
      const onTaken = (count: number) => {
        taken = count
      }
      const attempt = async () => {
        await handOverReadings(context, readings, { skip: taken, onTaken }).catch((cause: Error) => {
          throw new DeliveryError(cause.message, { retryable: true, cause })
        })
        fault = undefined
      }
      try {
        await withRetries(policy, signal, attempt, { failed: report, resumed() {} })
      } catch (error) {
        const lost = readings.length - taken
        context.log.error(
          { source: kind, lost },
          'stopped before the log took these; nobody gives them again',
        )
        throw error
      }
    },
  }
}
