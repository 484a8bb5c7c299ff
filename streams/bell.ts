/** Wakes the one who sleeps; rung while nobody sleeps, it makes the next sleep end at once. */
export interface Bell {
  ring(): void
  sleep(): Promise<void>
}

export function createBell(): Bell {
  let rung = false
  let wake: (() => void) | undefined

  function ring(): void {
    rung = true
    wake?.()
  }

  async function sleep(): Promise<void> {
    if (!rung) await new Promise<void>((resolve) => (wake = resolve))
    wake = undefined
    rung = false
  }

  return { ring, sleep }
}
