import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertJson } from '../../../connectors/alert-json.ts'
import { createDelivery } from '../../../connectors/deliver.ts'
import { type AlertGroup, DeliveryError, type Sink } from '../../../connectors/sink.ts'
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
  /** All that the peer holds, as text: where the sink can group. */
  text?(): Promise<string>
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

    it('shows groups where its kind says so', () => {
      expect(sink.group !== undefined).toBe(kind.groups)
      expect(harness.text !== undefined).toBe(kind.groups)
    })

    /** 300 alerts, of which many messages say only the resource. */
    const members = (count: number) =>
      Array.from({ length: count }, (_, n) => {
        const alert = named({ id: `member ${n}`, severity: 'medium' })
        return { ...alert, resource: { ...alert.resource!, address: `aws_instance.web[${n}]` } }
      })
    const group = (alerts: readonly Alert[], others = 0): AlertGroup => {
      return {
        kind: 'group',
        since: Date.parse('2026-03-01T10:00:00Z'),
        alerts: alerts.map(alertJson),
        others,
      }
    }

    it.each([2, 40, 300, 2_000])(
      'shows all of a group of %i alerts, in as few messages as hold them',
      async (count) => {
        if (!sink.group) return
        let messages = 0
        for (let rest = members(count); rest.length > 0; messages++) {
          const size = rest.length === 1 ? 1 : sink.group.fits(group(rest))
          if (size === 1) await send(rest.slice(0, 1))
          else await sink.group.deliver(group(rest.slice(0, size), rest.length - size), live)
          rest = rest.slice(size)
        }
        const text = await harness.text!()
        const missing = Array.from({ length: count }, (_, n) => `aws_instance.web[${n}]`).filter(
          (one) => !text.includes(one),
        )
        expect(missing).toEqual([])
        expect(messages).toBeLessThanOrEqual(Math.ceil(count / 100))
      },
    )

    withPeer('refuse for now', 'says that a passing refusal of a group may be tried again', async () => {
      if (!sink.group) return
      const error = await sink.group.deliver(group(members(3)), live).catch((reason) => reason)
      expect(error).toBeInstanceOf(Error)
      if (error instanceof DeliveryError) expect(error.retryable).toBe(true)
      await harness.become('accept')
      await sink.group.deliver(group(members(3)), live)
      expect(await harness.text!()).toContain('aws_instance.web[2]')
    })

    it('sends no group once shutdown has begun', async () => {
      if (!sink.group) return
      await expect(sink.group.deliver(group(members(3)), AbortSignal.abort('shutdown'))).rejects.toBe(
        'shutdown',
      )
      expect(await harness.text!()).toBe('')
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
