import { defineConfig } from 'vitest/config'
import { RunReporter } from './test/support/reporter.ts'

const everything = 'test/**/*.test.ts'
const services = 'test/**/*.services.test.ts'
const mocks = 'test/**/*.mocks.test.ts'

/**
 * Two rings: a file named *.services.test.ts needs a real Kafka or registry, every other one needs nothing. Files named
 * *.mocks.test.ts replace modules, and so share none with others; sharing halves the time of the rest.
 */
export default defineConfig({
  test: {
    // For a machine that is busy with other things; an idle one needs a small part of it.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ['default', new RunReporter()],
    silent: 'passed-only',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [everything],
          exclude: [services, mocks],
          isolate: false,
          maxWorkers: '100%',
        },
      },
      {
        extends: true,
        test: { name: 'unit-mocks', include: [mocks], maxWorkers: '100%' },
      },
      {
        extends: true,
        test: {
          name: 'services',
          include: [services],
          globalSetup: 'test/services/global-setup.ts',
          // After the unit ring, and two at a time: much of theirs is waiting for members, leases and restarts.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
