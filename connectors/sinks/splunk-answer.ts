/** What the HTTP Event Collector says, as far as it can be read. */
export interface HecAnswer {
  /** 0 is success; null: it is not the collector that answered. */
  code: number | null
  /** Only from tokens with indexer acknowledgement. */
  ackId: number | null
  acks: Record<string, unknown>
}

export function hecAnswer(text: string): HecAnswer {
  const content = objectIn(text)
  const { code, ackId, acks } = content
  return {
    code: typeof code === 'number' ? code : null,
    ackId: typeof ackId === 'number' ? ackId : null,
    acks: typeof acks === 'object' && acks !== null ? (acks as Record<string, unknown>) : {},
  }
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const meanings: Record<number, string> = {
  1: 'the token is disabled; enable it in Splunk',
  2: 'it wants a token',
  3: 'the authorization is not one; correct the token',
  4: 'it does not know this token; correct it',
  5: 'there was no data',
  6: 'it cannot read the events',
  7: 'the index does not exist, or the token may not write there; correct index, or allow it for the token',
  8: 'an internal error',
  9: 'it is busy',
  10: 'the channel is missing; something on the way removes the header X-Splunk-Request-Channel',
  11: 'the channel is not a GUID',
  12: 'an event has no content',
  13: 'an event is blank',
  14: 'indexer acknowledgement is off for this token',
  15: 'it cannot read the fields',
  16: 'authorization in the query is off',
  17: 'it is healthy',
  18: 'its queues are full',
  19: 'its service of acknowledgements is away',
  20: 'its queues are full, and its service of acknowledgements is away',
  21: 'it does not know this token; correct it',
  22: 'the token is disabled; enable it in Splunk',
  23: 'it is shutting down',
}

/** What a code of the collector means, and where it helps, what to do. Its own text may quote what was sent. */
export function hecMeaning(code: number): string {
  return `${meanings[code] ?? 'unknown'} (code ${code})`
}
