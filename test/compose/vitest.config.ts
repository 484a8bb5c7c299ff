import { defineConfig } from 'vitest/config'
import { RunReporter } from '../support/reporter.ts'

const MINUTE = 60_000

/** `npm run test:compose`: a run of its own, because it starts a container engine, which takes root and minutes. */
export default defineConfig({
  test: {
    name: 'compose',
    include: ['test/compose/*.compose.ts'],
    testTimeout: 5 * MINUTE,
    hookTimeout: 15 * MINUTE,
    // The tests of a file are one story: the next chapter makes no sense after a failure.
    bail: 1,
    // The engine ends when the input of its undertaker does, so it must be this process that holds it.
    pool: 'threads',
    reporters: ['default', new RunReporter()],
    // What docker-compose.yml publishes, for those who ask for the services of the run.
    provide: {
      services: {
        kafka: { brokers: ['127.0.0.1:9092'], saslBroker: '', sslBroker: '', classpath: '' },
        registry: { url: 'http://127.0.0.1:8081/apis/ccompat/v7' },
        unavailable: [],
      },
    },
  },
})
