import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaCertificates } from './kafka-security.ts'
import { cached } from './maven.ts'
import { freePort } from './ports.ts'
import { startProgram } from './program.ts'

const PACKAGE = 'aiosmtpd==1.4.6'
const INSTALL_MS = 300_000

export interface SmtpService {
  starttlsPort: number
  tlsPort: number
  /** GET: what it got. POST: how it is to behave (smtp-server.py). */
  control: string
  /** The authority of its certificate, a PEM file, and one that has not signed it. */
  ca: string
  otherCa: string
  username: string
  password: string
}

/** Starts aiosmtpd, a mail server, installed once from PyPI. */
export async function startSmtp(): Promise<SmtpService & { stop(): Promise<void> }> {
  const site = await cached(PACKAGE.replaceAll(/[^\w.]+/g, '-'), async (dir) => {
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', dir, PACKAGE]
    await promisify(execFile)('python3', args, { timeout: INSTALL_MS })
  })
  const { ca, otherCa, serverCert, serverKey } = await kafkaCertificates()
  const [starttlsPort, tlsPort, port] = [await freePort(), await freePort(), await freePort()]
  const [username, password] = ['tfdrift', 'the-password-of-the-tests']
  const control = `http://127.0.0.1:${port}/`
  const { stop } = await startProgram({
    command: 'python3',
    args: [
      join(import.meta.dirname, 'smtp-server.py'),
      ...[starttlsPort, tlsPort, port].map(String),
      ...[serverCert, serverKey, username, password],
    ],
    env: { PYTHONPATH: site },
    url: control,
  })
  return { starttlsPort, tlsPort, control, ca, otherCa, username, password, stop }
}
