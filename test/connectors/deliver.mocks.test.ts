import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AlertJson } from '../../connectors/alert-json.ts'
import { createDelivery, type DeliveryOptions } from '../../connectors/deliver.ts'
import { deliveryKey } from '../../connectors/delivery-key.ts'
import { DeliveryError } from '../../connectors/sink.ts'
import type { Alert, AlertState, Delivery } from '../../schemas/types.ts'
import { anAlert } from './an-alert.ts'
import { quietLog } from './quiet-log.ts'

type Behaviour = (alerts: readonly AlertJson[], signal: AbortSignal) => Promise<void>

const live = new AbortController().signal
const refusal = (retryable: boolean, retryAfterMs?: number) =>
  new DeliveryError('refused', { retryable, ...(retryAfterMs !== undefined && { retryAfterMs }) })
const accept: Behaviour = async () => {}
const refuse =
  (retryable: boolean, retryAfterMs?: number): Behaviour =>
  async () => {
    throw refusal(retryable, retryAfterMs)
  }
const nameOf = (alert: { id: string; status: string }) => `${names.get(alert.id)}:${alert.status}`
const names = new Map<string, string>()

function alert(name: string, status: AlertState = 'open'): Alert {
  const made = anAlert({ id: name, status })
  names.set(made.id, name)
  return made
}

/** A delivery around a scripted peer: each attempt takes the next behaviour, the last one repeats. */
function setUp(behaviours: Behaviour[], changes: Partial<DeliveryOptions> & { batchSize?: number } = {}) {
  const { batchSize = 1, ...options } = changes
  const accepted: string[] = []
  const attempts: { names: string[]; at: number }[] = []
  const recorded: Delivery[] = []
  const buried: { name: string; error: string; attempts: number }[] = []
  const log = quietLog()
  const started = performance.now()
  const delivery = createDelivery({
    name: 'soc',
    sink: {
      batchSize,
      async deliver(alerts, signal) {
        attempts.push({ names: alerts.map(nameOf), at: Math.round(performance.now() - started) })
        const behave = behaviours.length > 1 ? behaviours.shift()! : behaviours[0]!
        await behave(alerts, signal)
        accepted.push(...alerts.map(nameOf))
      },
    },
    async wasDelivered(keys) {
      const known = new Set(recorded.map((entry) => deliveryKey(entry.sink, entry.alertId, entry.status)))
      return keys.map((key) => known.has(key))
    },
    async record(deliveries) {
      recorded.push(...deliveries)
    },
    async deadLetter(alert, error, made) {
      buried.push({ name: nameOf(alert), error: error.message, attempts: made })
    },
    timeoutMs: 15_000,
    retry: { minMs: 100, maxMs: 1000, maxElapsedMs: 60_000 },
    log,
    ...options,
  })
  return { delivery, accepted, attempts, recorded, buried, log }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(1)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Runs the timers until the promise is settled, and gives what it settled to. */
async function settle<T>(promise: Promise<T>): Promise<T> {
  const [result] = await Promise.allSettled([promise, vi.runAllTimersAsync()])
  if (result!.status === 'rejected') throw result!.reason
  return result!.value as T
}

describe('what is sent', () => {
  it('goes out in order, in batches of the size that the sink takes', async () => {
    const { delivery, attempts } = setUp([accept], { batchSize: 2 })
    await delivery.deliver(
      ['a', 'b', 'c', 'd', 'e'].map((name) => alert(name)),
      live,
    )
    expect(attempts.map((one) => one.names)).toEqual([['a:open', 'b:open'], ['c:open', 'd:open'], ['e:open']])
  })

  it('is sent once where a batch holds it twice', async () => {
    const { delivery, accepted } = setUp([accept])
    await delivery.deliver([alert('a'), alert('b'), alert('a')], live)
    expect(accepted).toEqual(['a:open', 'b:open'])
  })

  it('is not sent again when the batch is handed over again', async () => {
    const { delivery, accepted } = setUp([accept])
    await delivery.deliver([alert('a')], live)
    await delivery.deliver([alert('a'), alert('b')], live)
    expect(accepted).toEqual(['a:open', 'b:open'])
  })

  it('counts open and changed of an alert as one announcement, whichever came first', async () => {
    const { delivery, accepted } = setUp([accept])
    await delivery.deliver([alert('a', 'open'), alert('b', 'changed')], live)
    await delivery.deliver([alert('a', 'changed'), alert('b', 'open')], live)
    await delivery.deliver([alert('c', 'changed'), alert('c', 'open')], live)
    expect(accepted).toEqual(['a:open', 'b:changed', 'c:changed'])
  })

  it('announces every later status of an alert', async () => {
    const { delivery, accepted } = setUp([accept])
    await delivery.deliver([alert('a'), alert('a', 'acknowledged'), alert('a', 'resolved')], live)
    expect(accepted).toEqual(['a:open', 'a:acknowledged', 'a:resolved'])
  })

  it('is nothing at all for an empty batch', async () => {
    const wasDelivered = vi.fn()
    const { delivery, attempts } = setUp([accept], { wasDelivered })
    await delivery.deliver([], live)
    expect(attempts).toEqual([])
    expect(wasDelivered).not.toHaveBeenCalled()
  })
})

describe('what is recorded', () => {
  it('is recorded chunk by chunk, so that a crash repeats only the chunk in flight', async () => {
    const crash = new Error('the process was killed')
    let chunks = 0
    const { delivery, recorded } = setUp([accept], {
      batchSize: 2,
      record: async (deliveries) => {
        if (++chunks === 2) throw crash
        recorded.push(...deliveries)
      },
    })
    const batch = ['a', 'b', 'c', 'd'].map((name) => alert(name))
    await expect(delivery.deliver(batch, live)).rejects.toBe(crash)
    expect(recorded.map((entry) => entry.alertId)).toEqual([batch[0]!.id, batch[1]!.id])
  })

  it('says how many attempts it took', async () => {
    const { delivery, recorded } = setUp([refuse(true), refuse(true), accept])
    await settle(delivery.deliver([alert('a')], live))
    expect(recorded).toMatchObject([{ sink: 'soc', status: 'open', outcome: 'delivered', attempts: 3 }])
  })

  it('is not recorded as a dead letter before the dead letter is stored', async () => {
    const full = new Error('the log is away')
    const { delivery, recorded } = setUp([refuse(false)], { deadLetter: () => Promise.reject(full) })
    await expect(delivery.deliver([alert('a')], live)).rejects.toBe(full)
    expect(recorded).toEqual([])
  })
})

describe('trying again', () => {
  it('waits twice as long each time, up to the longest wait', async () => {
    const { delivery, attempts } = setUp([...Array.from({ length: 6 }, () => refuse(true)), accept])
    await settle(delivery.deliver([alert('a')], live))
    const waits = attempts.map(({ at }, index) => at - (attempts[index - 1]?.at ?? 0))
    expect(waits).toEqual([0, 100, 200, 400, 800, 1000, 1000])
  })

  it('spreads the wait over the whole of it', async () => {
    vi.mocked(Math.random).mockReturnValue(0.25)
    const { delivery, attempts } = setUp([refuse(true), refuse(true), accept])
    await settle(delivery.deliver([alert('a')], live))
    expect(attempts.map(({ at }) => at)).toEqual([0, 25, 75])
  })

  it('waits as long as the peer asks, beyond the longest wait of its own', async () => {
    const { delivery, attempts } = setUp([refuse(true, 30_000), accept])
    await settle(delivery.deliver([alert('a')], live))
    expect(attempts.map(({ at }) => at)).toEqual([0, 30_000])
  })

  it('does not let the peer ask for more than its patience: the last attempt is made at its end', async () => {
    const { delivery, attempts, buried } = setUp([refuse(true, 86_400_000)])
    await settle(delivery.deliver([alert('a')], live))
    expect(attempts.map(({ at }) => at)).toEqual([0, 60_000])
    expect(buried).toEqual([{ name: 'a:open', error: 'refused', attempts: 2 }])
  })

  it('counts an error of any kind as worth another attempt', async () => {
    const { delivery, accepted } = setUp([() => Promise.reject(new TypeError('fetch failed')), accept])
    await settle(delivery.deliver([alert('a')], live))
    expect(accepted).toEqual(['a:open'])
  })

  it('aborts an attempt that takes too long, and tries again', async () => {
    const hang: Behaviour = (_, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const { delivery, accepted, log } = setUp([hang, accept])
    await settle(delivery.deliver([alert('a')], live))
    expect(accepted).toEqual(['a:open'])
    expect(log.lines[0]).toMatchObject({ level: 'warn', fields: { error: 'no answer within 15000 ms' } })
  })

  it('does not wait for an attempt that ignores its time-out', async () => {
    const { delivery, accepted } = setUp([() => new Promise(() => {}), accept])
    await settle(delivery.deliver([alert('a')], live))
    expect(accepted).toEqual(['a:open'])
  })

  it('tells the metrics while it waits', async () => {
    const told: unknown[] = []
    const metrics = {
      handed: (result: string, alerts: number) => told.push([result, alerts]),
      paused: (waits: boolean) => told.push(waits),
    }
    const { delivery } = setUp([refuse(true), accept, refuse(false)], { metrics })
    await settle(delivery.deliver([alert('a'), alert('b')], live))
    expect(told).toEqual([['failed', 1], true, false, ['delivered', 1], ['dead-lettered', 1]])
  })
})

describe('giving up', () => {
  it('buries what is refused for good at once, and goes on with the next', async () => {
    const { delivery, accepted, buried, recorded } = setUp([refuse(false), accept])
    await delivery.deliver([alert('a'), alert('b')], live)
    expect(buried).toEqual([{ name: 'a:open', error: 'refused', attempts: 1 }])
    expect(accepted).toEqual(['b:open'])
    expect(recorded.map((entry) => entry.outcome)).toEqual(['dead-lettered', 'delivered'])
  })

  it('gives up after the configured number of attempts', async () => {
    const retry = { maxAttempts: 3, minMs: 100, maxMs: 1000, maxElapsedMs: 60_000 }
    const { delivery, attempts, buried } = setUp([refuse(true)], { retry })
    await settle(delivery.deliver([alert('a')], live))
    expect(attempts).toHaveLength(3)
    expect(buried).toHaveLength(1)
  })

  it('finds the one alert of a batch that the peer refuses', async () => {
    const picky: Behaviour = async (alerts) => {
      if (alerts.some((one) => names.get(one.id) === 'bad')) throw refusal(false)
    }
    const { delivery, accepted, buried } = setUp([picky], { batchSize: 10 })
    await delivery.deliver([alert('a'), alert('bad'), alert('c')], live)
    expect(accepted).toEqual(['a:open', 'c:open'])
    expect(buried.map((one) => one.name)).toEqual(['bad:open'])
  })

  it('buries a record whose values are not JSON without troubling the peer', async () => {
    const broken = alert('broken')
    broken.diffs[0]!.oldValue = '{"password": "hunter2"'
    const { delivery, buried, attempts, log } = setUp([accept])
    await delivery.deliver([broken, alert('b')], live)
    expect(buried.map((one) => one.name)).toEqual(['broken:open'])
    expect(attempts.map((one) => one.names)).toEqual([['b:open']])
    expect(JSON.stringify([buried, log.lines])).not.toContain('hunter2')
  })
})

describe('shutting down', () => {
  it('ends a wait at once, and records nothing', async () => {
    const stop = new AbortController()
    const { delivery, recorded, buried, attempts } = setUp([refuse(true, 30_000)])
    const running = delivery.deliver([alert('a')], stop.signal)
    const outcome = expect(running).rejects.toBe('shutdown')
    await vi.advanceTimersByTimeAsync(1000)
    stop.abort('shutdown')
    await outcome
    expect(attempts).toHaveLength(1)
    expect([...recorded, ...buried]).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits for the answer to an attempt that is under way, records it, and sends no more', async () => {
    const stop = new AbortController()
    const answerLate: Behaviour = () => new Promise((resolve) => setTimeout(resolve, 9_000))
    const { delivery, accepted, recorded } = setUp([answerLate])
    const outcome = expect(delivery.deliver([alert('a'), alert('b')], stop.signal)).rejects.toBe('shutdown')
    await vi.advanceTimersByTimeAsync(10)
    stop.abort('shutdown')
    await vi.advanceTimersByTimeAsync(9_000)
    await outcome
    expect(accepted).toEqual(['a:open'])
    expect(recorded).toMatchObject([{ outcome: 'delivered' }])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits ten seconds, and no longer, even for an attempt that does not listen', async () => {
    const stop = new AbortController()
    const { delivery, recorded } = setUp([() => new Promise(() => {})])
    const outcome = expect(delivery.deliver([alert('a')], stop.signal)).rejects.toBe('shutdown')
    await vi.advanceTimersByTimeAsync(10)
    stop.abort('shutdown')
    await vi.advanceTimersByTimeAsync(10_000)
    await outcome
    expect(recorded).toEqual([])
  })

  it('sends nothing when it has begun', async () => {
    const { delivery, attempts } = setUp([accept])
    await expect(delivery.deliver([alert('a')], AbortSignal.abort('shutdown'))).rejects.toBe('shutdown')
    expect(attempts).toEqual([])
  })

  it('keeps the record of what the peer had accepted, and sends no more', async () => {
    const stop = new AbortController()
    const stored: Delivery[] = []
    const { delivery, accepted } = setUp([accept], {
      async record(deliveries) {
        stored.push(...deliveries)
        stop.abort('shutdown')
      },
    })
    await expect(delivery.deliver([alert('a'), alert('b')], stop.signal)).rejects.toBe('shutdown')
    expect(stored).toMatchObject([{ outcome: 'delivered' }])
    expect(accepted).toEqual(['a:open'])
  })
})

it('logs no value, no message of a foreign error and no payload', async () => {
  const leak = Object.assign(new Error('POST https://hooks.example/T0/SECRET {"newValue":"optional"}'), {
    code: 'EPIPE',
  })
  const { delivery, log, buried } = setUp([() => Promise.reject(leak)])
  await settle(delivery.deliver([alert('a')], live))
  const text = JSON.stringify([log.lines, buried])
  expect(text).toContain('Error EPIPE')
  for (const secret of ['SECRET', 'optional', 'alice']) expect(text).not.toContain(secret)
})

it('delivers or buries each announcement, in order, whatever the peer and crashes do', async () => {
  vi.useRealTimers()
  const statuses = fc.constantFrom<AlertState>('open', 'changed', 'acknowledged', 'resolved')
  const batch = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), statuses), { maxLength: 8 })
  const steps = fc.array(fc.constantFrom('accept', 'later', 'never', 'crash before', 'crash after'), {
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(batch, steps, fc.integer({ min: 1, max: 3 }), async (pairs, script, batchSize) => {
      const alerts = pairs.map(([name, status]) => alert(name, status))
      const crash = new Error('crash')
      let crashes = false
      const play: Behaviour = async () => {
        const step = script.shift() ?? 'accept'
        crashes = step.startsWith('crash')
        if (step === 'crash before') throw refusal(false)
        if (step === 'later' || step === 'never') throw refusal(step === 'later')
      }
      const store: Delivery[] = []
      const graves: string[] = []
      const { delivery, accepted } = setUp([play], {
        batchSize,
        retry: { minMs: 0, maxMs: 0, maxElapsedMs: 1000 },
        wasDelivered: async (keys) => {
          const known = new Set(store.map((one) => deliveryKey(one.sink, one.alertId, one.status)))
          return keys.map((key) => known.has(key))
        },
        record: async (deliveries) => {
          if (crashes) throw crash
          store.push(...deliveries)
        },
        deadLetter: async (one) => {
          if (crashes) throw crash
          graves.push(nameOf(one))
        },
      })
      let restarts = 0
      while (
        await delivery.deliver(alerts, live).then(
          () => false,
          (error) => error === crash,
        )
      )
        restarts++

      const wanted = [...new Set(alerts.map((one) => nameOf(one).replace('changed', 'open')))]
      const seen = (list: string[]) => list.map((name) => name.replace('changed', 'open'))
      const ended = store.map((one) => nameOf({ id: one.alertId, status: one.status }))
      expect(seen(ended)).toEqual(wanted)
      for (const one of store) {
        const peer = one.outcome === 'delivered' ? accepted : graves
        expect(peer).toContain(nameOf({ id: one.alertId, status: one.status }))
      }
      expect(accepted.length - new Set(seen(accepted)).size).toBeLessThanOrEqual(restarts * batchSize)
    }),
    { numRuns: 200 },
  )
})

describe('a group', () => {
  /** A sink that shows up to three alerts as one message. */
  function setUpGroups(behaviours: (() => Promise<void>)[] = []) {
    const base = setUp([accept])
    const groups: { names: string[]; others: number }[] = []
    const buried: string[] = []
    const recorded: Delivery[] = []
    const singles: string[] = []
    const delivery = createDelivery({
      name: 'soc',
      sink: {
        batchSize: 1,
        async deliver(alerts) {
          singles.push(...alerts.map(nameOf))
        },
        group: {
          fits: ({ alerts }) => Math.min(3, alerts.length),
          async deliver({ alerts, others }) {
            groups.push({ names: alerts.map(nameOf), others })
            await behaviours.shift()?.()
          },
        },
      },
      wasDelivered: async (keys) => {
        const known = new Set(recorded.map((one) => deliveryKey(one.sink, one.alertId, one.status)))
        return keys.map((one) => known.has(one))
      },
      record: async (deliveries) => void recorded.push(...deliveries),
      deadLetter: async (one) => void buried.push(nameOf(one)),
      timeoutMs: 15_000,
      retry: { minMs: 100, maxMs: 1000, maxElapsedMs: 60_000 },
      log: base.log,
    })
    const send = (names: string[], others = 0) =>
      settle(
        delivery.deliverGroup(
          { kind: 'group', since: 0, others, alerts: names.map((name) => alert(name)) },
          live,
        ),
      )
    return { send, groups, singles, recorded, buried, delivery }
  }

  it('goes as one message of as many as fit, which says how many more there are', async () => {
    const { send, groups, recorded } = setUpGroups()
    expect(await send(['a', 'b', 'c', 'd'], 5)).toBe(3)
    expect(groups).toEqual([{ names: ['a:open', 'b:open', 'c:open'], others: 6 }])
    expect(recorded).toHaveLength(3)
  })

  it('leaves out what has been delivered, and is no group where one is left', async () => {
    const { send, groups, singles, delivery } = setUpGroups()
    await delivery.deliver([alert('a'), alert('b')], live)
    expect(await send(['a', 'b', 'c'])).toBe(3)
    expect(groups).toEqual([])
    expect(singles).toEqual(['a:open', 'b:open', 'c:open'])
  })

  it('is tried again whole, and singly when the peer will never take it', async () => {
    const passing = setUpGroups([() => Promise.reject(refusal(true))])
    await passing.send(['a', 'b'])
    expect(passing.groups.map(({ names }) => names)).toEqual([
      ['a:open', 'b:open'],
      ['a:open', 'b:open'],
    ])
    const lasting = setUpGroups([() => Promise.reject(refusal(false))])
    await lasting.send(['a', 'b'])
    expect(lasting.singles).toEqual(['a:open', 'b:open'])
    expect(lasting.recorded).toHaveLength(2)
  })

  it('with an alert that nothing can be made of goes singly, and that one becomes a dead letter', async () => {
    const { delivery, buried, singles } = setUpGroups()
    const broken = { ...alert('x'), diffs: [{ ...alert('x').diffs[0]!, oldValue: 'no JSON' }] }
    const waiting = { kind: 'digest' as const, since: 0, others: 0, alerts: [broken, alert('b')] }
    expect(await settle(delivery.deliverGroup(waiting, live))).toBe(1)
    expect(buried).toEqual(['x:open'])
    expect(singles).toEqual([])
  })
})
