import { z } from 'zod'
import type { Check } from '../check.ts'
import type { Source, SourceContext } from '../source.ts'
import { explainGoogle } from './gcp/fault.ts'
import { messageReadings } from './gcp/message-readings.ts'
import { workPulled } from './gcp/pulled-batch.ts'
import { openSubscription, type Subscription } from './gcp/subscription.ts'
import { type NextLook, type Polling, poll } from './poll.ts'

const KIND = 'gcp-pubsub'
const ROLE = 'roles/pubsub.subscriber'

export const gcpPubsubConfig = z.strictObject({
  subscription: z
    .string()
    .regex(/^projects\/[^/]+\/subscriptions\/[^/]+$/, 'must be projects/PROJECT/subscriptions/NAME'),
  endpoint: z.url().optional(),
  /** How many pulls of up to 500 messages are worked on at once. */
  concurrency: z.int().min(1).max(16).default(2),
  /** For how long messages are ours before they may go to another; renewed while they are worked on. */
  leaseSeconds: z.int().min(10).max(600).default(60),
})

export type GcpPubsubConfig = z.output<typeof gcpPubsubConfig>

export interface GcpPubsubDeps {
  hashKey: Buffer
  /** The wait after a look that found nothing or failed. */
  pollMs: number
  open?: (config: GcpPubsubConfig) => Promise<Subscription>
}

/** Messages that have not come again by then have gone to another reader, or to the subscription's own dead letters. */
const FAILURE_MS = 600_000

/**
 * Pulls the entries of audit logs that a sink publishes to Pub/Sub. A message is acknowledged only after the log holds
 * all of it.
 */
export function gcpPubsub(config: GcpPubsubConfig, deps: GcpPubsubDeps): Source {
  let polling: Polling | null = null
  let reader: ReturnType<typeof subscriptionReader> | null = null
  return {
    async start(context) {
      const subscription = await (deps.open ?? openSubscription)(config)
      await subscription.look().catch((error) => {
        throw explained(config, error)
      })
      const opened = subscriptionReader(subscription, config, { context, hashKey: deps.hashKey })
      reader = opened
      polling = poll(opened.look, { intervalMs: deps.pollMs, name: KIND, log: context.log })
    },
    async stop() {
      await polling?.stop()
    },
    healthy: () => (polling?.healthy() ?? false) && (reader?.healthy() ?? false),
  }
}

/** For `tfdrift doctor`: whether the subscription is there and may be read. */
export async function checkGcpPubsub(config: GcpPubsubConfig): Promise<Check[]> {
  const { subscription } = config
  const what = `Pub/Sub subscription ${subscription}`
  try {
    await (await openSubscription(config)).look()
    return [{ what, ok: true }]
  } catch (error) {
    const [, project, , name] = subscription.split('/')
    const policy =
      `gcloud pubsub subscriptions add-iam-policy-binding ${name} --project=${project} ` +
      `--member=serviceAccount:YOUR-SERVICE-ACCOUNT --role=${ROLE}`
    const { message: problem } = explained(config, error)
    return [{ what, ok: false, problem, fix: 'grant the role to the service account', policy }]
  }
}

function explained({ subscription }: GcpPubsubConfig, error: unknown): Error {
  return explainGoogle(
    `${KIND}: subscription: ${subscription}`,
    `${ROLE} on the subscription, if there is one`,
    error,
  )
}

function subscriptionReader(
  subscription: Subscription,
  config: GcpPubsubConfig,
  { context, hashKey }: { context: SourceContext; hashKey: Buffer },
) {
  let failedAt: number | null = null
  let lastHandOver: Promise<unknown> = Promise.resolve()
  const explain = (error: unknown) => Promise.reject(explained(config, error))
  const work = {
    subscription: {
      lease: subscription.lease,
      acknowledge: (messages) => subscription.acknowledge(messages).catch(explain),
    },
    leaseSeconds: config.leaseSeconds,
    context: { ...context, emit: (output) => inTurn(() => context.emit(output)) },
    readingsOf: ({ id, data }) => messageReadings(data, `${config.subscription}#${id}`, hashKey),
  } satisfies Parameters<typeof workPulled>[1]

  /** One hand-over at a time, whoever reads: the log takes them one after the other anyway. */
  function inTurn(emit: () => Promise<void>): Promise<void> {
    const done = lastHandOver.then(emit)
    lastHandOver = done.catch(() => {})
    return done
  }

  async function look(signal: AbortSignal): Promise<NextLook> {
    const faults: unknown[] = []
    async function drain(): Promise<void> {
      while (faults.length === 0 && !signal.aborted) {
        const messages = await subscription
          .pull(signal)
          .catch((error) => (signal.aborted ? [] : explain(error)))
        if (messages.length === 0) return
        await workPulled(messages, work, signal).catch((error) => {
          failedAt = Date.now()
          throw error
        })
        failedAt = null
      }
    }
    const drains = Array.from({ length: config.concurrency }, () =>
      drain().catch((fault) => faults.push(fault)),
    )
    await Promise.all(drains)
    if (signal.aborted) return 'done'
    if (faults.length > 0) throw faults[0]
    return 'again'
  }

  return { look, healthy: () => failedAt === null || Date.now() - failedAt > FAILURE_MS }
}
