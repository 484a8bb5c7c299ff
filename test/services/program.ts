import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { GiveUp, until } from './until.ts'

const READY_MS = 60_000
const LAST_WORDS = 2_000

export interface ProgramOptions {
  command: string
  args: string[]
  env?: Record<string, string>
  /** Answers with any HTTP status as soon as the program serves. */
  url: string
}

/** Starts a server and resolves when it answers. It goes away with this process. */
export async function startProgram({
  command,
  args,
  env,
  url,
}: ProgramOptions): Promise<{ stop(): Promise<void> }> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const words = lastWords(child)
  const gone = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new GiveUp(`${command} ended with ${code}: ${words()}`)))
  })
  gone.catch(() => {})
  const answer = () => fetch(url).then(() => true as const)
  try {
    await Promise.race([gone, until(`${command} serves`, answer, { deadlineMs: READY_MS })])
  } catch (error) {
    kill()
    throw error
  }
  return {
    async stop() {
      process.off('exit', kill)
      if (child.exitCode !== null || child.signalCode !== null) return
      kill()
      await once(child, 'exit')
    },
  }
}

function lastWords({ stdout, stderr }: ChildProcess): () => string {
  let words = ''
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-LAST_WORDS)
    })
  }
  return () => words.trim()
}
