/** Does the work when it begins, and after each of these times; beginning again starts them anew. */
export function repeated(work: () => void, afterMs: readonly number[]): { begin(): void; end(): void } {
  let timers: NodeJS.Timeout[] = []

  function end(): void {
    for (const timer of timers) clearTimeout(timer)
    timers = []
  }

  return {
    begin() {
      end()
      work()
      timers = afterMs.map((ms) => setTimeout(work, ms))
    },
    end,
  }
}
