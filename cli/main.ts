#!/usr/bin/env -S node --max-semi-space-size=32
// The young generation holds what one batch makes, so that it is not copied twice: a tenth of the time of an event.
import { runProgram } from './program.ts'

// stderr holds lines of JSON. The AWS SDK would write on Node 20 that its releases of 2027 need a newer one.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second signal does not wait.
    if (stop.signal.aborted) process.exit(1)
    stop.abort()
  })
}
// A reader that has had enough (head, less) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await runProgram(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: stop.signal,
  onHangup(listener) {
    process.on('SIGHUP', listener)
    return () => process.off('SIGHUP', listener)
  },
})
