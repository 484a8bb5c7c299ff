import { describe, expect, it } from 'vitest'
import { DRIFT_BUCKETS, driftNames, openName, suppressedName } from '../../../cli/service/drift-names.ts'
import { sha256 } from '../../../processors/hash.ts'
import { partitionOf } from '../../../streams/partitioner.ts'
import { full } from '../../schemas/samples.ts'

const drift = { ...full['alert-status'], driftId: sha256('a resource') }
const partition = partitionOf(Buffer.from('aws/123456789012/eu-west-1'), 6)

describe('the names of a drift', () => {
  it.each([
    ['open', false],
    ['acknowledged', false],
    ['expired', false],
    ['suppressed', true],
  ] as const)('that is %s are in its partition', (status, isSuppressed) => {
    const [open, ...more] = driftNames({ ...drift, status }, 6)
    const all = Array.from({ length: DRIFT_BUCKETS }, (_, bucket) => openName(partition, bucket))
    expect(all).toContain(open)
    expect(more).toEqual(isSuppressed ? [suppressedName(partition)] : [])
  })

  it('that is resolved are none', () => {
    expect(driftNames({ ...drift, status: 'resolved' }, 6)).toEqual([])
  })

  it('are spread evenly: none of the lists grows long', () => {
    const counts = new Map<string, number>()
    for (let n = 0; n < 10_000; n++) {
      const [open] = driftNames({ ...drift, driftId: sha256(String(n)) }, 1)
      counts.set(open!, (counts.get(open!) ?? 0) + 1)
    }
    expect(Math.max(...counts.values())).toBeLessThan(40)
  })
})
