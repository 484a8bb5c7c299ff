import type { Reporter, TestCase, TestModule, TestRunEndReason, Vitest } from 'vitest/node'

const SLOWEST = 10

/**
 * What a reader of a log wants to know at its end: the slowest tests, what was skipped and why, and, alone on the
 * very last line, `N passed, N failed, N skipped`. With REQUIRE_SERVICES=1 a skipped test fails the run.
 */
export class RunReporter implements Reporter {
  #lastLine: string | undefined
  readonly #notes: string[] = []

  onInit(vitest: Vitest): void {
    // The global teardown, which stops the services, still prints after the end of the run.
    process.once('exit', () => {
      if (this.#lastLine !== undefined) vitest.logger.outputStream.write(`${this.#lastLine}\n`)
    })
  }

  /** Figures that a test has measured. */
  onTestCaseAnnotate(_test: TestCase, { message }: { message: string }): void {
    this.#notes.push(message)
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const skipped = tests.filter((test) => test.result().state === 'skipped')
    const mustRun = process.env.REQUIRE_SERVICES === '1' && skipped.length > 0
    if (mustRun) process.exitCode = 1

    const lines = [
      ...notesOf(this.#notes),
      ...slowestOf(tests.filter((test) => !skipped.includes(test))),
      ...reasonsOf(skipped),
    ]
    if (mustRun) {
      lines.push(
        '',
        'REQUIRE_SERVICES=1 allows no skipped test:',
        ...skipped.map((test) => `  ${nameOf(test)}`),
      )
    }
    process.stdout.write(`${lines.join('\n')}\n\n`)

    const passed = tests.filter((test) => test.result().state === 'passed').length
    // A run can fail without a failed test, by a file that cannot be loaded or a service that does not start.
    const faults =
      tests.filter((test) => test.result().state === 'failed').length + brokenOf(modules) + errors.length
    const failed = faults === 0 && reason === 'failed' ? 1 : faults
    this.#lastLine = `${passed} passed, ${failed} failed, ${skipped.length} skipped`
  }
}

/** How many files and groups failed by themselves: while they were loaded, or in a hook. */
function brokenOf(modules: readonly TestModule[]): number {
  const groups = modules.flatMap((module) => [module, ...module.children.allSuites()])
  return groups.filter((group) => group.errors().length > 0).length
}

function notesOf(notes: readonly string[]): string[] {
  return notes.length === 0 ? [] : ['', 'Measured:', ...notes.map((note) => `  ${note}`)]
}

function slowestOf(tests: readonly TestCase[]): string[] {
  const timed = tests.map((test) => ({ test, ms: Math.round(test.diagnostic()?.duration ?? 0) }))
  const slowest = timed.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST)
  if (slowest.length === 0) return []
  const rows = slowest.map(({ test, ms }) => `${String(ms).padStart(8)} ms  ${nameOf(test)}`)
  return ['', 'Slowest tests:', ...rows]
}

function reasonsOf(skipped: readonly TestCase[]): string[] {
  if (skipped.length === 0) return []
  const counts = new Map<string, number>()
  for (const test of skipped) counts.set(reasonOf(test), (counts.get(reasonOf(test)) ?? 0) + 1)
  const rows = [...counts].map(([reason, count]) => `${String(count).padStart(8)}     ${reason}`)
  return ['', 'Skipped tests:', ...rows]
}

/** What the test says itself, else which services its ring had to do without. */
function reasonOf(test: TestCase): string {
  const result = test.result()
  const note = result.state === 'skipped' ? result.note : undefined
  const unavailable = test.project.getProvidedContext().services?.unavailable ?? []
  return note ?? (unavailable.length > 0 ? unavailable.join('; ') : 'no reason given')
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId}  ${test.fullName.replace(/\s+/g, ' ')}`
}
