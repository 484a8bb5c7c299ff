import { z } from 'zod'
import { type Answer, type Receiver, type Route, startReceiver } from '../http-receiver.ts'
import { receiverSettings } from '../receiver-settings.ts'
import type { Source, SourceContext } from '../source.ts'
import { handOverReadings } from './hand-over-readings.ts'
import { readEvents } from './read-events.ts'

const KIND = 'falco-http'

export const falcoHttpConfig = z.strictObject(receiverSettings)

export type FalcoHttpConfig = z.output<typeof falcoHttpConfig>

/**
 * Takes what Falco's http_output and falcosidekick's webhook post. Answers 202 after the log holds the finding, 503
 * while it takes none, and 400 with the reason to what cannot be read: nobody sends that again, so it becomes a dead
 * letter first.
 */
export function falcoHttp(config: FalcoHttpConfig, { hashKey }: { hashKey: Buffer }): Source {
  let receiver: Receiver | undefined
  /** What the log has been told already. */
  let fault: string | undefined

  async function take(body: Buffer, context: SourceContext): Promise<Answer> {
    const readings = [...(await readEvents(body, { origin: KIND, receivedAt: Date.now(), hashKey }))]
    if (readings.length === 0) return { status: 400, body: 'the body is empty' }
    try {
      await handOverReadings(context, readings)
      fault = undefined
    } catch (error) {
      const { message } = error as Error
      if (message !== fault) context.log.error({ source: KIND, error: message }, 'answering 503')
      fault = message
      throw error
    }
    const unread = readings.find((reading) => 'deadLetter' in reading)
    return unread ? { status: 400, body: unread.deadLetter.message } : { status: 202 }
  }

  return {
    async start(context) {
      const handle: Route['handle'] = ({ body }) => take(body, context)
      receiver = await startReceiver({
        name: KIND,
        ...config,
        routes: [
          { method: 'POST', path: '/', handle },
          { method: 'POST', path: '/api/v1/falco/events', handle },
          { method: 'GET', path: '/ping', open: true, handle: async () => ({ status: 200, body: 'pong' }) },
          {
            method: 'GET',
            path: '/healthz',
            open: true,
            handle: async () => ({ status: 200, body: { status: 'ok' } }),
          },
        ],
      })
    },
    async stop() {
      await receiver?.close()
      receiver = undefined
    },
    healthy: () => receiver !== undefined,
  }
}
