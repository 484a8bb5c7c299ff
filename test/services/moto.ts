import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { cached } from './maven.ts'
import { freePort } from './ports.ts'
import { startProgram } from './program.ts'

const PACKAGE = 'moto[server]==5.2.5'
const INSTALL_MS = 300_000

export interface MotoService {
  /** Of every AWS service; credentials may be anything. */
  endpoint: string
  stop(): Promise<void>
}

/** Starts moto, a server that answers as S3 and SQS do, installed once from PyPI. */
export async function startMoto(): Promise<MotoService> {
  const site = await cached(PACKAGE.replaceAll(/[^\w.]+/g, '-'), async (dir) => {
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', dir, PACKAGE]
    await promisify(execFile)('python3', args, { timeout: INSTALL_MS })
  })
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const { stop } = await startProgram({
    command: 'python3',
    args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    env: { PYTHONPATH: site },
    url: `${endpoint}/moto-api/`,
  })
  return { endpoint, stop }
}
