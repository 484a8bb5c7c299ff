import { expect, test } from 'vitest'
import { configSchema } from '../../../cli/config/load.ts'
import { validateConfig } from '../../../cli/config/validate.ts'

const load = (text: string) =>
  validateConfig(text, { file: 'a.yaml', schema: configSchema, env: {} }).sync_mode
const both = ['terraform apply', 'terraform destroy']
const never = 2 ** 31 - 1

test.each([
  ['', 300_000, []],
  ['sync_mode: {}', 300_000, []],
  ['sync_mode: { periodic: { interval: 1m } }', 60_000, []],
  ['sync_mode: { event_driven: {} }', never, both],
  ['sync_mode: { event_driven: { triggers: ["terraform destroy"] } }', never, ['terraform destroy']],
  ['sync_mode: { event_driven: { triggers: [] } }', never, []],
  ['sync_mode: { hybrid: {} }', 600_000, both],
  ['sync_mode: { hybrid: { base_interval: 20m, event_triggers: false } }', 1_200_000, []],
])('%s', (text, intervalMs, triggers) => {
  expect(load(text)).toEqual({ intervalMs, triggers })
})

test('the block of the architecture document counts together', () => {
  const text = `
sync_mode:
  periodic:
    interval: "5m"
  event_driven:
    triggers:
      - "terraform apply"
      - "terraform destroy"
  hybrid:
    base_interval: "10m"
    event_triggers: true
`
  expect(load(text)).toEqual({ intervalMs: 300_000, triggers: both })
})

test.each([
  [
    'sync_mode: { event_driven: { triggers: ["terraform aply"] } }',
    'triggers[0]: not one of the choices; did you mean terraform apply?',
  ],
  ['sync_mode: { hybird: {} }', 'sync_mode.hybird: unknown key; did you mean hybrid?'],
])('%s is refused', (text, message) => {
  expect(() => load(text)).toThrow(message)
})
