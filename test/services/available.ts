import { inject } from 'vitest'
import type { SmtpService } from './smtp.ts'

/** What the global setup could start, as the tests see it. */
export interface Services {
  kafka?: { brokers: string[]; saslBroker: string; sslBroker: string; classpath: string }
  registry?: { url: string }
  /** S3 and SQS. */
  moto?: { endpoint: string }
  /** Cloud Storage. */
  gcs?: { endpoint: string }
  /** A mail server. */
  smtp?: SmtpService
  /** One line for each service that could not be had: its name and the reason. */
  unavailable: string[]
}

declare module 'vitest' {
  export interface ProvidedContext {
    services: Services
  }
}

/** The services of this run; none where the run has no global setup. For `describe.skipIf(!available().kafka)`. */
export function available(): Services {
  return inject('services') ?? { unavailable: ['every service: this run has no global setup'] }
}
