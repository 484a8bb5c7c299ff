import { z } from 'zod'
import type { Check } from '../check.ts'
import type { Source, SourceContext } from '../source.ts'
import { type NextLook, type Polling, poll } from './poll.ts'
import { parseState } from './terraform-state/parse.ts'
import { StatePublisher } from './terraform-state/publisher.ts'
import { ensureStateFile, readState } from './terraform-state/state-file.ts'

export const terraformStateFileConfig = z.strictObject({
  path: z.string(),
  /** The account of a state whose resources do not name it. */
  account: z.string().optional(),
})

type StateConfig = z.output<typeof terraformStateFileConfig>

export interface TerraformStateFilesOptions {
  states: readonly StateConfig[]
  /** How often the files are looked at. */
  pollMs: number
  hashKey: Buffer
}

/**
 * Keeps the log at what the Terraform states in these files say. Each look publishes only what differs from what
 * has been published: changed instances, tombstones of those that have gone, and at the end the marker. A state that
 * cannot be read keeps its records as they are, and holds no other state up.
 */
export function terraformStateFiles(options: TerraformStateFilesOptions): Source {
  let polling: Polling | null = null
  let watch: StatesWatch | null = null
  return {
    async start(context) {
      await ensureAnyReadable(options.states)
      const { pollMs: intervalMs } = options
      const states = new StatesWatch(options, context)
      watch = states
      polling = poll((signal) => states.look(signal), {
        intervalMs,
        name: 'terraform-state-files',
        log: context.log,
      })
    },
    async stop() {
      await polling?.stop()
    },
    healthy: () => (polling?.healthy() ?? false) && (watch?.healthy() ?? false),
  }
}

/** Whether the file is there and a state. */
export async function checkStateFile({ path }: StateConfig): Promise<Check[]> {
  const what = `state ${path}`
  try {
    const file = await readState(path, undefined)
    if (file) parseState(file.bytes, path)
    return [{ what, ok: true }]
  } catch (error) {
    const { message: problem } = error as Error
    return [{ what, ok: false, problem, fix: 'correct path, let this user read it, or restore the state' }]
  }
}

/** Where not one state is there, the paths are wrong; one of several may be missing for a while. */
async function ensureAnyReadable(states: readonly StateConfig[]): Promise<void> {
  const results = await Promise.allSettled(states.map(({ path }) => ensureStateFile(path)))
  const failed = results.filter((result) => result.status === 'rejected')
  if (failed.length > 0 && failed.length === states.length) throw failed[0]!.reason
}

class StatesWatch {
  readonly #options: TerraformStateFilesOptions
  readonly #context: SourceContext
  readonly #publisher: StatePublisher
  /** How each file looked when it was last dealt with. */
  readonly #seen = new Map<string, string>()
  readonly #faults = new Map<string, string>()
  /** Whether the records of states that are configured no more have been taken back. */
  #retired = false

  constructor(options: TerraformStateFilesOptions, context: SourceContext) {
    this.#options = options
    this.#context = context
    this.#publisher = new StatePublisher(context)
  }

  healthy(): boolean {
    return this.#faults.size === 0
  }

  async look(signal: AbortSignal): Promise<NextLook> {
    for (const state of this.#options.states) {
      if (signal.aborted) return 'again'
      await this.#lookAt(state)
    }
    if (!this.healthy()) return 'retry'
    if (!this.#retired) {
      await this.#publisher.retireAllBut(this.#options.states.map(({ path }) => path))
      this.#retired = true
    }
    return 'again'
  }

  async #lookAt({ path, account }: StateConfig): Promise<void> {
    const { hashKey } = this.#options
    try {
      const file = await readState(path, this.#seen.get(path))
      if (file) {
        const options = { capturedAt: file.modifiedAt, account, hashKey }
        const refusal = await this.#publisher.publish(parseState(file.bytes, path), options)
        if (refusal) this.#context.log.warn({ path }, `this state is not used: ${refusal}`)
        this.#seen.set(path, file.look)
      }
      this.#faults.delete(path)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== this.#faults.get(path))
        this.#context.log.error({ path, error: message }, 'this state is not read')
      this.#faults.set(path, message)
    }
  }
}
