import type { SourceContext, SourceOutput } from '../source.ts'

/**
 * Gives the output to the log and resolves when the log holds it. Rejects with an error that is fit for logging:
 * those of clients may quote the records.
 */
export async function handOver(context: SourceContext, output: SourceOutput): Promise<void> {
  try {
    await context.emit(output)
  } catch (cause) {
    throw new Error(`the log did not take the records (${kindOf(cause)})`, { cause })
  }
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const { code } = error as NodeJS.ErrnoException
  return code ? `${error.name} ${code}` : error.name
}
