import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached } from './maven.ts'
import { freePort } from './ports.ts'
import { startProgram } from './program.ts'

const MODULE = 'github.com/fsouza/fake-gcs-server@v1.56.1'
const BUILD_MS = 600_000

export interface FakeGcsService {
  endpoint: string
  stop(): Promise<void>
}

/** Starts fake-gcs-server, which answers as Cloud Storage does, built once from the Go proxy. */
export async function startFakeGcs(): Promise<FakeGcsService> {
  const home = await cached(MODULE.replaceAll(/[^\w.]+/g, '-'), async (dir) => {
    const env = { ...process.env, GOBIN: dir, PATH: `${process.env.PATH}:/usr/local/go/bin` }
    await promisify(execFile)('go', ['install', MODULE], { env, timeout: BUILD_MS })
  })
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const place = ['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)]
  const { stop } = await startProgram({
    command: join(home, 'fake-gcs-server'),
    args: [...place, '-backend', 'memory', '-public-host', `127.0.0.1:${port}`, '-external-url', endpoint],
    url: `${endpoint}/_internal/healthcheck`,
  })
  return { endpoint, stop }
}
