import { expect, it } from 'vitest'
import { ndjson } from '../../../../connectors/sinks/formats/ndjson.ts'
import { anAlertJson } from '../../an-alert.ts'

it('is one alert a line, as it is', () => {
  const alerts = [anAlertJson({ id: 'a' }), anAlertJson({ id: 'b', message: 'two\nlines' })]
  const lines = ndjson(alerts).split('\n')
  expect(lines.pop()).toBe('')
  expect(lines.map((line) => JSON.parse(line))).toEqual(alerts)
})

it('is empty without alerts', () => {
  expect(ndjson([])).toBe('')
})
