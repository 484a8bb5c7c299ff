/** What a command may touch of the process: replaced in tests. */
export interface Io {
  /** Results only. */
  stdout: { write(text: string | Uint8Array): unknown; isTTY?: boolean; columns?: number }
  /** Logs and progress. */
  stderr: { write(text: string): unknown; isTTY?: boolean }
  env: Readonly<Record<string, string | undefined>>
  /** Aborted by SIGINT and SIGTERM. */
  signal: AbortSignal
  /** Has this called at each SIGHUP, which ends the process where nobody asks for it. Returns what takes it back. */
  onHangup?(listener: () => void): () => void
}

/** Findings at or above --fail-on. */
export const EXIT_FINDINGS = 2

/** Ends the command with this exit code, after its message (if any) was printed. */
export class Exit extends Error {
  override name = 'Exit'
  readonly code: number
  constructor(code: number, message = '') {
    super(message)
    this.code = code
  }
}

/** Colour, unless the user or the terminal does not want it. */
export function wantsColour({ stdout, env }: Io, flag: boolean | undefined): boolean {
  if (flag === false || (env.NO_COLOR !== undefined && env.NO_COLOR !== '')) return false
  return stdout.isTTY === true
}
