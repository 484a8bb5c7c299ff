/** What an item came to. */
export type Outcome<T> = { value: T } | { error: unknown }

/**
 * Works on up to `count` items at once, and yields what each came to in the order of the items. Whoever stops early
 * leaves the work that has begun to end by itself.
 */
export async function* readAhead<I, T>(
  items: readonly I[],
  count: number,
  work: (item: I) => Promise<T>,
): AsyncGenerator<[item: I, outcome: Outcome<T>]> {
  const started: Promise<Outcome<T>>[] = []
  for (const [at, item] of items.entries()) {
    while (started.length < Math.min(at + count, items.length)) {
      const next = work(items[started.length]!)
      started.push(
        next.then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        ),
      )
    }
    yield [item, await started[at]!]
    delete started[at]
  }
}
