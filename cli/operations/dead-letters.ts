import { createHash } from 'node:crypto'
import { redactEvent } from '../../connectors/redact.ts'
import { decompress } from '../../connectors/sources/decompress.ts'
import { jsonDocuments } from '../../connectors/sources/documents.ts'
import { topology } from '../../processors/topology.ts'
import { type Codec, createCodec } from '../../schemas/codec.ts'
import type { InRecord } from '../../streams/bus.ts'
import { type DeadLetter, openDeadLetter, SEAL_BYTES } from '../../streams/dead-letters.ts'
import { resolveSecrets } from '../config/secrets.ts'
import { topicNamer } from '../service/topic-configs.ts'
import { masked } from './masked.ts'
import type { Operation, OperationContext } from './operation.ts'
import { letterId, readLetters } from './read-letters.ts'

/** What could not be processed, a line each, without its bytes. */
export const deadLetters: Operation<object> = async (context, _, emit) => {
  const { letters, redrives } = await readLetters(context)
  for (const record of letters) {
    const times = redrives.get(letterId(record)) ?? 0
    emit({ ...about(record), ...(times > 0 && { redriven: times }) })
  }
}

/**
 * One letter, opened: its value redacted and masked, where it can be read at all. With `raw` only its exact bytes, in
 * base64.
 */
export const deadLetter: Operation<{ id: string; raw?: boolean }> = async (context, { id, raw }, emit) => {
  const { find } = await readLetters(context)
  const record = find(id)
  const secrets = resolveSecrets(context.config)
  const letter = openDeadLetter(record, secrets.deadLetterKey)
  if (raw) emit({ base64: (letter.value ?? Buffer.alloc(0)).toString('base64') })
  else
    emit({
      ...about(record),
      key: letter.key?.toString() ?? null,
      headers: letter.headers,
      value: await shown(),
    })

  async function shown(): Promise<unknown> {
    if (letter.value === null) return null
    const found = letter.topic === null ? await fromSource() : await fromTopic(letter, context)
    return found ?? unreadable(letter.value)
  }

  /** Nothing has redacted these bytes: of what is not JSON, nobody knows where the secrets are. */
  async function fromSource(): Promise<unknown> {
    try {
      const { content } = await decompress(letter.value!)
      const documents = [...jsonDocuments(content.toString('utf8'))].map(({ value }) => value)
      if (documents.length === 0 || documents.includes(undefined)) return null
      const visible = documents.map((value) => masked(redactEvent(value, secrets.hashKey)))
      return visible.length === 1 ? visible[0] : visible
    } catch {
      return null
    }
  }
}

async function fromTopic({ topic, value }: DeadLetter, { config, ids }: OperationContext): Promise<unknown> {
  const full = topicNamer(config.bus)
  const spec = topology.find(({ name }) => full(name) === topic)
  if (!spec?.schema) return null
  const codec = (await createCodec(spec.schema, full(spec.name), ids)) as Codec<object>
  return codec.decode(value!).then(masked, () => null)
}

function unreadable(value: Buffer): object {
  const sha256 = createHash('sha256').update(value).digest('hex')
  return {
    notShown: 'it cannot be read, so that nothing could be hidden in it; --raw writes the bytes',
    sha256,
  }
}

function about(record: InRecord): object {
  const { headers, value, timestamp } = record
  return {
    id: letterId(record),
    stage: headers['dlt.stage'] ?? '',
    code: headers['dlt.error.code'] ?? '',
    message: headers['dlt.error.message'] ?? '',
    origin: headers['dlt.origin'] ?? '',
    attempts: Number(headers['dlt.attempts'] ?? 1),
    at: new Date(timestamp).toISOString(),
    bytes: Math.max(0, (value?.length ?? 0) - SEAL_BYTES),
  }
}
