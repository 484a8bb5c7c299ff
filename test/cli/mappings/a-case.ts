import type { Expected } from '../../../cli/mappings/case-format.ts'
import { fillEnvelope } from '../../../cli/mappings/envelope.ts'
import type { Case } from '../../../cli/mappings/read-cases.ts'
import type { JsonObject } from '../../../processors/finding.ts'

interface Parts extends Partial<Omit<Case, 'events' | 'expect'>> {
  event?: JsonObject
  events?: JsonObject[]
  expect?: Partial<Expected>[]
}

/** A case of AWS as `readCases` makes it. */
export function aCase({ event, events = event ? [event] : [], expect = [], ...rest }: Parts): Case {
  return {
    file: 'aws/test.yaml',
    provider: 'aws',
    service: 'test',
    blind: false,
    name: 'a case',
    cite: 'model: test',
    why: null,
    doubt: null,
    states: [[]],
    reason: null,
    ...rest,
    events: events.map((one, index) => fillEnvelope('aws', one, { seed: 'test', index })),
    expect: expect.map((one) => ({
      resource: '',
      type: 'attribute_drift',
      diffs: {},
      alsoManagedBy: 0,
      ...one,
    })),
  }
}
