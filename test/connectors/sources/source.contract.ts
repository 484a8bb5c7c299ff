import { expect, onTestFinished, test } from 'vitest'
import type { Source } from '../../../connectors/source.ts'
import { until } from '../../services/until.ts'
import { aContext, type TestContext } from './a-context.ts'
import { tempFolder } from './temp-folder.ts'

/** What the contract needs to know of a kind of source. */
export interface SourceHarness {
  create(folder: string): Source
  /** Puts so many things, all of them new, where the source looks. */
  add(folder: string, count: number): void | Promise<void>
  /** The things in the outputs, each by a name of its own, in the order in which they came. */
  namesIn(outputs: TestContext['outputs']): string[]
  /** Takes away what the source reads. */
  breakPlace(folder: string): void
  /** What the error about the missing place names. */
  placeName: RegExp
  /** The place gives a thing once, whether or not the log takes it then: a process that dies holds the only copy. */
  givesOnce?: true
}

/** What every source owes to the log, to its upstream and to its operator. */
export function sourceContract(kind: string, harness: SourceHarness): void {
  async function start(folder: string, context: TestContext): Promise<Source> {
    const source = harness.create(folder)
    await source.start(context)
    onTestFinished(() => source.stop())
    return source
  }

  function names(context: TestContext): string[] {
    return harness.namesIn(context.outputs)
  }

  async function untilNamed(context: TestContext, count: number): Promise<Set<string>> {
    return await until(`${count} things in the log`, () => {
      const found = new Set(names(context))
      return found.size >= count ? found : undefined
    })
  }

  test(`${kind}: hands over everything, in batches that a broker can take`, async () => {
    const folder = tempFolder()
    await harness.add(folder, 1_201)
    const context = aContext()
    await start(folder, context)
    await untilNamed(context, 1_201)
    expect(names(context)).toHaveLength(1_201)
    for (const { events = [], snapshots = [], deadLetters = [] } of context.outputs) {
      expect(events.length + snapshots.length + deadLetters.length).toBeLessThanOrEqual(500)
    }
  })

  test(`${kind}: hands over what comes later`, async () => {
    const folder = tempFolder()
    await harness.add(folder, 2)
    const context = aContext()
    await start(folder, context)
    await untilNamed(context, 2)
    await harness.add(folder, 3)
    expect((await untilNamed(context, 5)).size).toBe(5)
  })

  test(`${kind}: hands over the next batch only after the log holds the one before`, async () => {
    const folder = tempFolder()
    await harness.add(folder, 1_201)
    const context = aContext()
    let open = 0
    let most = 0
    context.whenEmitting = async () => {
      most = Math.max(most, ++open)
      await new Promise((resolve) => setImmediate(resolve))
      open--
    }
    await start(folder, context)
    await untilNamed(context, 1_201)
    expect(most).toBe(1)
  })

  test(`${kind}: after a restart goes on where it was`, async () => {
    const folder = tempFolder()
    await harness.add(folder, 3)
    const context = aContext()
    const source = await start(folder, context)
    await untilNamed(context, 3)
    await source.stop()
    await harness.add(folder, 2)
    const next = aContext(context.kept)
    await start(folder, next)
    await untilNamed(next, 2)
    expect(names(next)).toHaveLength(2)
    expect(new Set([...names(context), ...names(next)]).size).toBe(5)
  })

  test(`${kind}: what the log did not take is handed over again, and nothing is lost`, async () => {
    const folder = tempFolder()
    await harness.add(folder, 1_201)
    const context = aContext()
    let calls = 0
    context.whenEmitting = async () => {
      if (++calls % 2 === 0) throw new Error('broker away')
    }
    const source = await start(folder, context)
    await untilNamed(context, 1_201)
    await until('healthy again', () => source.healthy() || undefined)
    expect(calls).toBeGreaterThan(3)
  })

  const again = `${kind}: what was not yet taken when the process died is handed over by the next one`
  if (!harness.givesOnce)
    test(again, async () => {
      const folder = tempFolder()
      await harness.add(folder, 1_201)
      const context = aContext()
      context.whenEmitting = async () => {
        if (context.outputs.length === 1) throw new Error('dying')
      }
      const source = await start(folder, context)
      await until('a batch refused', () => !source.healthy() || undefined)
      await source.stop()
      const next = aContext(new Map(context.kept))
      await start(folder, next)
      await until(
        'all things',
        () => new Set([...names(context), ...names(next)]).size === 1_201 || undefined,
      )
    })

  test(`${kind}: stop waits for the batch that is being taken, and reads no further`, async () => {
    const folder = tempFolder()
    await harness.add(folder, 3)
    const context = aContext()
    let take = () => {}
    const taking = new Promise<void>((resolve) => {
      context.whenEmitting = () => {
        resolve()
        return new Promise((done) => {
          take = done
        })
      }
    })
    const source = await start(folder, context)
    await taking
    let stopped = false
    const stopping = source.stop().then(() => {
      stopped = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(stopped).toBe(false)
    take()
    await stopping
    expect(names(context)).toHaveLength(3)
    const next = aContext(context.kept)
    const successor = await start(folder, next)
    await harness.add(folder, 1)
    await untilNamed(next, 1)
    await successor.stop()
    expect(names(next)).toHaveLength(1)
  })

  test(`${kind}: a place that is not there is named, with the fix`, async () => {
    const source = harness.create(`${tempFolder()}/missing`)
    await expect(source.start(aContext())).rejects.toThrow(harness.placeName)
    expect(source.healthy()).toBe(false)
    await source.stop()
  })

  test(`${kind}: is unhealthy, with a line in the log, while its place is away`, async () => {
    const folder = tempFolder()
    await harness.add(folder, 1)
    const context = aContext()
    const source = await start(folder, context)
    await untilNamed(context, 1)
    expect(source.healthy()).toBe(true)
    harness.breakPlace(folder)
    await until('unhealthy', () => !source.healthy() || undefined)
    expect(context.logged.filter(({ level }) => level === 'error')).toHaveLength(1)
    await harness.add(folder, 1)
    await until('healthy', () => source.healthy() || undefined)
  })
}
