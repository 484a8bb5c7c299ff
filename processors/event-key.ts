import { rawEventKey } from '../schemas/raw-event-key.ts'
import type { AlertStatus, Provider } from '../schemas/types.ts'

/**
 * The key of raw-events that a drift's events come under. A row of before it was noted there says it by its resource
 * key: PROVIDER/ACCOUNT/REGION/TYPE/ID, or a signal's, which is that key itself.
 */
export function eventKeyOf({ eventKey, resourceKey }: Pick<AlertStatus, 'eventKey' | 'resourceKey'>): string {
  if (eventKey !== null) return eventKey
  const [provider, account = '', region = '', ...rest] = resourceKey.split('/')
  if (rest.length === 0) return resourceKey
  return rawEventKey({ provider: provider as Provider, account, region })
}
