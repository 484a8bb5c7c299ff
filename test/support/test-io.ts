import type { Io } from '../../cli/io.ts'

export interface TestIo extends Io {
  out(): string
  err(): string
}

/** An Io whose output can be read. */
export function testIo(env: Record<string, string> = {}, signal = new AbortController().signal): TestIo {
  const out: string[] = []
  const err: string[] = []
  return {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    env,
    signal,
    out: () => out.join(''),
    err: () => err.join(''),
  }
}
