import { renameSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createEmit } from '../../cli/service/emit.ts'
import type { ServiceContext } from '../../cli/service/service-context.ts'
import { rawEvent } from '../../connectors/sources/formats/cloudtrail.ts'

const CHUNK = 10
const EVERY_MS = 100

/** Publishes CloudTrail records, a few at a time, until it is stopped. */
export function startLoad(context: ServiceContext, records: Iterator<object>): { stop(): Promise<object[]> } {
  const { bus, topic, codecs, secrets } = context
  const { deadLetterKey, hashKey } = secrets
  const emit = createEmit({ bus, topic, codecs, deadLetterKey, onStored: () => {} })
  const stopping = new AbortController()
  const published: object[] = []

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const chunk = Array.from({ length: CHUNK }, () => records.next().value as object)
      await emit({
        events: chunk.map((record) =>
          rawEvent(record as never, { origin: 'load', receivedAt: Date.now(), hashKey }),
        ),
      })
      published.push(...chunk)
      await pause(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
      return published
    },
  }
}

const QUEUES = 10

/**
 * A state that changes with every round: most of its queues are the same, one has gone, one is new, and each has
 * another delay. Nothing else knows of them.
 */
export function writeChangingState(file: string, round: number): void {
  const resources = Array.from({ length: QUEUES }, (_, index) => {
    const name = `changing-${round + index}`
    const id = `https://sqs.eu-west-1.amazonaws.com/123456789012/${name}`
    const arn = `arn:aws:sqs:eu-west-1:123456789012:${name}`
    return {
      mode: 'managed',
      type: 'aws_sqs_queue',
      name,
      provider: 'provider["registry.terraform.io/hashicorp/aws"]',
      instances: [{ schema_version: 0, attributes: { arn, id, name, url: id, delay_seconds: round % 900 } }],
    }
  })
  const lineage = '00000000-0000-4000-8000-00000000c4a6'
  const state = { version: 4, terraform_version: '1.9.8', serial: round + 1, lineage, outputs: {}, resources }
  writeFileSync(`${file}.new`, JSON.stringify(state))
  renameSync(`${file}.new`, file)
}
