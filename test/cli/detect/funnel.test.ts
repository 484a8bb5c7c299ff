import { expect, it } from 'vitest'
import { funnelText, type Outcome } from '../../../cli/detect/funnel.ts'
import type { Alert, Severity } from '../../../schemas/types.ts'
import { full } from '../../schemas/samples.ts'

const alert = (severity: Severity, compared = true): Alert => ({ ...full.alert, severity, compared })
const nothing: Outcome = {
  funnel: { read: 0, duplicates: 0, counts: new Map(), terraform: 0, ignoredParts: 0 },
  alerts: [],
  bad: { records: 0, skipped: 0 },
  resources: 0,
}

it('says where every event went, and how severe the alerts are', () => {
  const text = funnelText({
    funnel: {
      read: 1234,
      duplicates: 1,
      counts: new Map([
        ['filtered', 2],
        ['read-only', 3],
        ['failed', 4],
        ['no-effect', 5],
        ['service-created', 6],
        ['as-declared', 7],
        ['ignored', 16],
        ['unmanaged', 8],
        ['unmapped', 9],
        ['left-out', 15],
        ['finding', 10],
      ] as const),
      terraform: 11,
      ignoredParts: 17,
    },
    alerts: [alert('low'), alert('critical'), alert('critical'), alert('info', false)],
    bad: { records: 12, skipped: 13 },
    resources: 14,
  })
  expect(text).toBe(`14 resources in the states
     1234 events read
        1 duplicates
        2 outside the filters
        3 read-only
        4 failed
        5 without effect
        6 made by services for themselves
       11 Terraform's own
        7 already as declared
       16 ignored by .tfdriftignore
        8 of resources in no state
        1 not compared
        9 unmapped
       15 too long for CloudTrail to tell
       13 not events of this kind
       12 bad records
17 differences left out of alerts by .tfdriftignore
3 alerts
        2 critical
        1 low
`)
})

it('leaves out what there was none of', () => {
  expect(funnelText(nothing)).toBe('0 resources in the states\n        0 events read\n0 alerts\n')
})

it('counts one alert as one', () => {
  expect(funnelText({ ...nothing, alerts: [alert('high')] })).toContain('\n1 alert\n        1 high\n')
})
