import { expect, it } from 'vitest'
import { formatAlert } from '../../../../connectors/sinks/console-format.ts'
import { type AlertFormat, formats } from '../../../../connectors/sinks/formats/index.ts'
import { aDiff, anAlertJson } from '../../an-alert.ts'

const all: Record<string, AlertFormat> = {
  ...formats,
  text: (alerts) => alerts.map((alert) => formatAlert(alert, { colour: true })).join('\n'),
}
const hidden = [
  aDiff({ attribute: 'master_password', oldValue: 'CANARY-1', newValue: 'CANARY-2', sensitive: true }),
  aDiff({ attribute: 'keys', oldValue: ['CANARY-3'], newValue: [{ key: 'CANARY-4' }], sensitive: true }),
  aDiff({ attribute: 'tags.Owner', oldValue: 'shown-old', newValue: 'shown-new' }),
]

it.each(Object.entries(all))(
  '%s shows that a sensitive attribute changed, and no value of it',
  (_, format) => {
    const text = format([anAlertJson({ diffs: hidden })])
    expect(text).not.toContain('CANARY')
    expect(text).toContain('master_password')
    expect(text).toContain('shown-new')
  },
)
