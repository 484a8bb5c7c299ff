import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertJson } from '../../../connectors/alert-json.ts'
import { createDelivery } from '../../../connectors/deliver.ts'
import { DeliveryError, type Sink } from '../../../connectors/sink.ts'
import type { SinkDeps, SinkKind } from '../../../connectors/sinks/index.ts'
import { timeLimit } from '../../../connectors/time-limit.ts'
import type { Alert } from '../../../schemas/types.ts'
import { anAlert } from '../an-alert.ts'
import { quietLog } from '../quiet-log.ts'

export type PeerMood = 'accept' | 'refuse for now' | 'refuse for good' | 'hang'

/** A sink's peer, made for the tests of one kind. */
export interface SinkHarness {
  /** What a configuration file would say. */
  config: Record<string, unknown>
  deps?: Partial<SinkDeps>
  /** ID:STATUS of what the peer holds, in its order. */
  received(): Promise<string[]>
  become(mood: PeerMood): Promise<void>
  close(): Promise<void>
}

/** How the tests of one kind are set up. */
export interface SinkCase {
  open(): Promise<SinkHarness>
  /** Moods that this peer cannot have, with the reason: what they ask for is not tested. */
  cannot: Partial<Record<PeerMood, string>>
}

const live = new AbortController().signal
const idOf = (alert: Alert) => `${alert.id}:${alert.status}`

/** Names its own ID:STATUS as its event's id, for peers that are shown no other. */
function named(changes: Partial<Alert> = {}): Alert {
  const alert = anAlert(changes)
  return { ...alert, sourceEvent: { ...alert.sourceEvent, id: idOf(alert) } }
}

/** What the runner relies on in every sink. */
export function sinkContract(name: string, kind: SinkKind, { open, cannot }: SinkCase): void {
  describe(`a ${name} sink`, () => {
    let harness: SinkHarness
    let sink: Sink

    beforeEach(async () => {
      harness = await open()
      sink = kind.create(harness.config, { write: () => {}, colour: false, ...harness.deps })
    })

    afterEach(async () => {
      await sink.close?.()
      await harness.close()
    })

    const send = (alerts: readonly Alert[], signal: AbortSignal = live) =>
      sink.deliver(alerts.map(alertJson), signal)
    const failure = (signal?: AbortSignal) =>
      send([named()], signal).then(
        () => expect.fail('the sink accepted it'),
        (error: unknown) => error,
      )

    /** With a peer in this mood, where the peer can have it. */
    function withPeer(mood: PeerMood, title: string, test: () => Promise<void>): void {
      if (mood in cannot) return
      it(title, async () => {
        await harness.become(mood)
        await test()
      })
    }

    it('hands a full batch over, in order', async () => {
      const alerts = Array.from({ length: sink.batchSize }, (_, index) => named({ id: `${index}` }))
      await send(alerts)
      expect(await harness.received()).toEqual(alerts.map(idOf))
    })

    it('hands over every type and status of alert', async () => {
      const types = ['attribute_drift', 'unmanaged_resource', 'resource_deleted', 'signal'] as const
      const statuses = ['open', 'changed', 'acknowledged', 'suppressed', 'expired', 'resolved'] as const
      const alerts = types.flatMap((type) =>
        statuses.map((status) =>
          named({ id: type, type, status, diffs: [], ...(type === 'signal' && { resource: null }) }),
        ),
      )
      for (const alert of alerts) await send([alert])
      expect(await harness.received()).toEqual(alerts.map(idOf))
    })

    withPeer('refuse for now', 'says that a passing refusal may be tried again', async () => {
      const error = await failure()
      // Anything that is no DeliveryError counts as retryable.
      if (error instanceof DeliveryError) expect(error.retryable).toBe(true)
      await harness.become('accept')
      const alert = named({ id: 'later' })
      await send([alert])
      expect(await harness.received()).toEqual([idOf(alert)])
    })

    withPeer('refuse for good', 'says that a lasting refusal may not be tried again', async () => {
      const error = await failure()
      expect(error).toBeInstanceOf(DeliveryError)
      expect((error as DeliveryError).retryable).toBe(false)
    })

    withPeer('hang', 'stops when its time is up', async () => {
      const error = await timeLimit(50, live, (signal) => failure(signal)).catch((reason) => reason)
      expect(error).toMatchObject({ message: 'no answer within 50 ms' })
    })

    withPeer('hang', 'stops at shutdown, by itself', async () => {
      const stop = new AbortController()
      const running = failure(stop.signal)
      setImmediate(() => stop.abort('shutdown'))
      expect(await running).toBe('shutdown')
    })

    it('sends nothing once shutdown has begun', async () => {
      expect(await failure(AbortSignal.abort('shutdown'))).toBe('shutdown')
      expect(await harness.received()).toEqual([])
    })

    it('is never given more than its batch size', async () => {
      const sizes: number[] = []
      const counted: Sink = {
        batchSize: sink.batchSize,
        deliver(alerts, signal) {
          sizes.push(alerts.length)
          return sink.deliver(alerts, signal)
        },
      }
      const alerts = Array.from({ length: 2 * sink.batchSize + 1 }, (_, index) => named({ id: `${index}` }))
      await createDelivery({
        sink: counted,
        name,
        ...kind.configSchema.parse(harness.config),
        wasDelivered: async (keys) => keys.map(() => false),
        record: async () => {},
        deadLetter: async () => expect.fail('an alert became a dead letter'),
        log: quietLog(),
      }).deliver(alerts, live)
      expect(sizes).toEqual([sink.batchSize, sink.batchSize, 1])
      expect(await harness.received()).toEqual(alerts.map(idOf))
    })

    it('refuses settings that it does not know', () => {
      const result = kind.configSchema.safeParse({ ...harness.config, tiemoutMs: 1 })
      expect(result.error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: ['tiemoutMs'] }])
    })

    it('takes its settings as written and as its schema gave them', async () => {
      const parsed = kind.configSchema.parse(harness.config)
      expect(kind.configSchema.parse(parsed)).toEqual(parsed)
      expect(parsed).toMatchObject({ timeoutMs: 15_000, retry: { minMs: 500, maxMs: 60_000 } })
    })
  })
}
