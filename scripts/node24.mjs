// Runs the tests that need no service on Node 24, whichever Node runs this. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')

/** The path of a Node 24: of this process, else the package `node` of npm, which npm keeps in its cache. */
function node24() {
  if (process.version.startsWith('v24.')) return process.execPath
  const args = ['exec', '--yes', '--prefer-offline', '--package=node@24', '--']
  const { status, stdout, stderr, error } = spawnSync(
    'npm',
    [...args, 'node', '-p', 'process.version + process.execPath'],
    { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' },
  )
  const found = /^v24\.\d+\.\d+(.+)$/m.exec(stdout ?? '')?.[1]
  if (status === 0 && found) return found
  throw new Error(error?.message ?? (stderr.trim() || `npm gave ${stdout.trim()}`))
}

function run() {
  let node
  try {
    node = node24()
  } catch ({ message }) {
    process.stderr.write(`Node 24 cannot be had, so nothing was tested on it: ${message}\n`)
    return process.env.REQUIRE_SERVICES === '1' ? 1 : 0
  }
  // What the tests start by the name of `node` is the same Node.
  const PATH = [path.dirname(node), process.env.PATH].join(path.delimiter)
  const args = [vitest, 'run', '--project', 'unit*', ...process.argv.slice(2)]
  const { status } = spawnSync(node, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH } })
  return status ?? 1
}

process.exitCode = run()
