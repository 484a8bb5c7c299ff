import { existsSync, rmSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'

/** What stands in the way of a socket, and how to mend it. */
export class SocketFault extends Error {
  readonly problem: string
  readonly fix: string
  constructor(file: string, problem: string, fix: string) {
    const found = `falco-socket: path: ${file}: ${problem}`
    super(`${found}; ${fix}`)
    this.problem = found
    this.fix = fix
  }
}

const MAX_CONNECTIONS = 1_000
/** Linux takes no longer one. */
const MAX_PATH_BYTES = 107

/**
 * Listens on a socket that its owner and group may use. One that a process has left behind is replaced; one that
 * somebody listens on is not, nor any other file. Throws SocketFault.
 */
export async function listenOn(
  file: string,
  onConnection: (socket: net.Socket) => void,
): Promise<net.Server> {
  const server = net.createServer(onConnection)
  server.maxConnections = MAX_CONNECTIONS
  const place = await socketAt(file)
  if (place === 'in use')
    throw new SocketFault(file, 'another process listens there', 'stop it, or name another path')
  if (place === 'left behind') rmSync(file, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => reject(socketFault(file, code)))
    // The file is made within the call.
    const umask = process.umask(0o117)
    try {
      server.listen(file, resolve)
    } finally {
      process.umask(umask)
    }
  })
  server.removeAllListeners('error')
  // What goes wrong with one connection ends that one.
  server.on('error', () => {})
  return server
}

/** What is at the path; a file of another kind throws SocketFault. */
export async function socketAt(file: string): Promise<'nothing' | 'left behind' | 'in use'> {
  if (Buffer.byteLength(file) > MAX_PATH_BYTES)
    throw new SocketFault(file, `longer than ${MAX_PATH_BYTES} bytes`, 'name a shorter path')
  const found = await lstat(file).catch(({ code }: NodeJS.ErrnoException) => {
    if (code !== 'ENOENT') throw socketFault(file, code)
  })
  if (!found) return 'nothing'
  if (!found.isSocket())
    throw new SocketFault(file, 'there is a file that is no socket', 'name another path, or take it away')
  return (await isListenedOn(file)) ? 'in use' : 'left behind'
}

function isListenedOn(file: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(file)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(false)
      else reject(socketFault(file, code))
    })
  })
}

/** By the code of a system call. Node says EACCES for a folder that is not there, too. */
export function socketFault(file: string, code: string | undefined): SocketFault {
  const folder = path.dirname(file)
  switch (existsSync(folder) ? code : 'ENOENT') {
    case 'ENOENT':
      return new SocketFault(file, `there is no folder ${folder}`, 'make it, or correct the path')
    case 'EACCES':
      return new SocketFault(file, 'not allowed', `let this user write in ${folder}`)
    default:
      return new SocketFault(file, `cannot listen there (${code})`, 'name another path')
  }
}
