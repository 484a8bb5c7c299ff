import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { GiveUp } from './until.ts'

// First-tier compilation and the serial collector: on two cores a service starts a quarter sooner, and a test
// service never lives long enough to miss the second tier.
const QUICK = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
const STOP_MS = 60_000

export interface JavaOptions {
  /** Everything after the JVM flags that every service gets. */
  args: string[]
  /** The working directory; the output goes to `output.log` in it, and it goes away if the parent dies. */
  dir: string
  /**
   * Where the JVM keeps its archive of parsed classes, which takes a third off the start-up time. While there is
   * none, an orderly stop writes it, in some five seconds. A JVM of another version ignores it.
   */
  archive?: string
}

/** A Java program under our care. */
export interface Java {
  /** Throws when the program is gone, with the end of its output as the reason. */
  assertAlive(): Promise<void>
  /** Ends the program: in an orderly way, or at once when `hard`. */
  stop(hard?: boolean): Promise<void>
}

/** The `java` command: of JAVA_HOME, else of the PATH. */
export function javaCommand(): string {
  const home = process.env.JAVA_HOME
  return home ? join(home, 'bin', 'java') : 'java'
}

/** The JVM flags that make a short-lived program start quickly. */
export function quickFlags(): string[] {
  return [...QUICK]
}

/** Starts a Java program that cannot outlive this process, however this process ends. */
export async function startJava({ args, dir, archive }: JavaOptions): Promise<Java> {
  const log = join(dir, 'output.log')
  const fresh = archive === undefined || existsSync(archive) ? undefined : `${archive}.${randomUUID()}`
  const output = await open(log, 'a')
  const child = spawn(javaCommand(), [...QUICK, ...archiveFlags(archive, fresh), ...args], {
    cwd: dir,
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
  })
  try {
    await once(child, 'spawn')
  } catch (error) {
    throw new Error('java is not installed', { cause: error })
  } finally {
    await output.close()
  }
  child.unref()
  const guard = guardOf(child, dir)
  const ended = once(child, 'exit')

  return {
    async assertAlive() {
      if (child.exitCode === null && child.signalCode === null) return
      const lines = (await readFile(log, 'utf8')).trim().split('\n')
      throw new GiveUp(
        `${args.at(-1)} ended (${child.exitCode ?? child.signalCode}): ${lines.slice(-5).join(' | ')}`,
      )
    },
    async stop(hard = false) {
      if (child.exitCode === null && child.signalCode === null) {
        child.ref()
        child.kill(hard ? 'SIGKILL' : 'SIGTERM')
        const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
        await ended
        clearTimeout(late)
      }
      guard.kill('SIGKILL')
      if (archive && fresh && existsSync(fresh)) await rename(fresh, archive)
    },
  }
}

function archiveFlags(archive: string | undefined, fresh: string | undefined): string[] {
  if (fresh) return [`-XX:ArchiveClassesAtExit=${fresh}`]
  return archive ? [`-XX:SharedArchiveFile=${archive}`] : []
}

/**
 * A shell that waits for the end of its input. The input is a pipe held by this process, so it ends with this
 * process, even by SIGKILL, where no exit handler runs.
 */
function guardOf(child: ChildProcess, dir: string): ChildProcess {
  const script = 'read -r _; kill -9 "$1"; rm -rf -- "$2"'
  const guard = spawn('sh', ['-c', script, 'guard', String(child.pid), dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  // The typings know the pipe as a plain stream; it is a socket, and it must not keep this process alive.
  ;(guard.stdin as unknown as { unref?: () => void } | null)?.unref?.()
  return guard
}
