import { nearest } from '../../processors/did-you-mean.ts'
import type { Alert } from '../../schemas/types.ts'
import { counted, listed } from './words.ts'

const OFFERED = 3

/** What to say of an id that no event has: ids that it may stand for. */
export function unknownText(id: string, ids: ReadonlySet<string>, alerts: readonly Alert[]): string {
  const alert = alerts.find((one) => one.id === id || one.driftId === id)
  if (alert) return `${id} is the id of an alert. Its event is ${alert.sourceEvent.id}: explain that.`
  if (ids.size === 0) return `no event has the id ${id}: there are no events in what --events names`
  const started = id.length < 4 ? [] : [...ids].filter((one) => one.startsWith(id))
  const near = started.length > 0 ? started.slice(0, OFFERED) : nearest(id, ids, OFFERED)
  const hint =
    near.length > 0
      ? `did you mean ${listed(near, 'or')}?`
      : `ids look like ${listed([...ids].slice(0, OFFERED), 'or')}; detect prints that of each alert on its line "when"`
  return `none of ${counted(ids.size, 'event')} has the id ${id}: ${hint}`
}
