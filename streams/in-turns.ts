/** Runs what is asked for under one name one after the other, in the order asked; names do not wait for each other. */
export function inTurns(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const lasts = new Map<string, Promise<unknown>>()
  return function inTurn(name, work) {
    const result = (lasts.get(name) ?? Promise.resolve()).then(work)
    lasts.set(
      name,
      result.catch(() => {}),
    )
    return result
  }
}
