// Compiles to dist/ and puts the data files (schemas, mappings, rules) where the compiled code looks for them.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const dist = path.join(root, 'dist')
const data = /\.(avsc|yaml|tsv|json)$/

rmSync(dist, { recursive: true, force: true })
const tsc = path.join(
  path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
)
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
for (const folder of ['schemas', 'mappings', 'rules']) {
  cpSync(path.join(root, folder), path.join(dist, folder), {
    recursive: true,
    filter: (file) => !path.extname(file) || data.test(file),
  })
}
// npm makes it executable when it installs the package, but not when it is built again.
chmodSync(path.join(dist, 'cli/main.js'), 0o755)
