import type { AlertState } from '../schemas/types.ts'

/** The key of tfdrift.deliveries: one announcement of one alert by one sink. */
export function deliveryKey(sink: string, alertId: string, status: AlertState): string {
  return `${sink}|${alertId}|${status}`
}
