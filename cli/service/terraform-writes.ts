import { terraformCommands } from '../../processors/terraform-write.ts'
import { skippableByHeader } from '../../schemas/headers.ts'
import type { InRecord, Tail } from '../../streams/bus.ts'
import type { TerraformCommand } from '../config/sync-mode-schema.ts'
import type { ServiceContext } from './service-context.ts'

/** What happened before that is in every state by now. */
const LATEST_MS = 3_600_000
/** How Terraform and OpenTofu name themselves, less the first letter. */
const NAMES = ['erraform', 'penTofu']

/**
 * Watches the raw events that come from now on, and tells of each change that one of these commands of Terraform has
 * made. What cannot be decoded is the processor's concern.
 */
export async function watchTerraform(
  { bus, codecs, topic, onFatal }: Pick<ServiceContext, 'bus' | 'codecs' | 'topic' | 'onFatal'>,
  commands: readonly TerraformCommand[],
  onChange: () => void,
): Promise<Tail> {
  const topicName = topic('raw-events')
  const ends = new Map((await bus.offsets(topicName)).map(({ partition, high }) => [partition, high]))

  async function isChange({ headers, value }: InRecord): Promise<boolean> {
    const time = Date.parse(headers['tfdrift-event-time'] ?? '')
    if (!value || skippableByHeader(headers) || time < Date.now() - LATEST_MS) return false
    if (!NAMES.some((name) => value.includes(name))) return false
    try {
      const made = terraformCommands(await codecs.rawEvent.decode(value))
      return made.some((command) => commands.includes(command))
    } catch {
      return false
    }
  }

  return bus.tail(
    { topics: [topicName], from: (_, partition) => ends.get(partition) ?? 0, onFatal },
    async ({ records }) => {
      for (const record of records) if (await isChange(record)) return onChange()
    },
  )
}
