import type { CountedEvent, CountedMatch } from '../../../schemas/counting-types.ts'

export function aCountedEvent(overrides: Partial<CountedEvent> = {}): CountedEvent {
  const time = overrides.time ?? 0
  const eventId = overrides.eventId ?? `e-${time}`
  return {
    id: `${eventId} a`,
    eventId,
    time,
    steps: [0],
    provider: 'aws',
    event: 'DeleteBucket',
    actor: 'alice',
    subject: 'aws_s3_bucket.logs',
    ...overrides,
  }
}

type Overrides = Partial<Omit<CountedMatch, 'match'>> & { match?: Partial<CountedEvent> }

/** Three within 10 ms, by alice, unless told otherwise. */
export function aCountedMatch({ match, ...overrides }: Overrides = {}): CountedMatch {
  return {
    rule: { id: 'r1', name: 'Rule r1', severity: 'high' },
    version: 'v',
    kind: 'threshold',
    needed: 3,
    windowMs: 10,
    by: [{ name: 'actor', value: 'alice' }],
    match: aCountedEvent(match),
    ...overrides,
  }
}
