import type { RawEvent } from './types.ts'

/**
 * The key of tfdrift.raw-events, and so its partition: all events of one resource share a key, so that each
 * resource has one writer. The one place that decides it. An operator's command has the key of its drift for an account.
 */
export function rawEventKey(event: Pick<RawEvent, 'provider' | 'account' | 'region'>): string {
  const { provider, account, region } = event
  if (provider === 'tfdrift') return account
  return provider === 'aws' ? `aws/${account}/${region}` : `${provider}/${account}`
}
