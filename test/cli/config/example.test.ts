// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of the configuration look like this
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { configJsonSchema } from '../../../cli/config/json-schema.ts'
import { type Config, configSchema } from '../../../cli/config/load.ts'
import { validateConfig } from '../../../cli/config/validate.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const example = readFileSync(path.join(root, 'tfdrift.example.yaml'), 'utf8')
// A # right before a word switches a setting off, and takes a secret from a file that is not there.
const complete = example
  .replace(/^(\s*)#(?=\w|- \w)/gm, '$1')
  .replace('${file:/run/secrets/tfdrift-dead-letter-key}', '${TFDRIFT_HASH_KEY}')

const env = {
  REGISTRY_PASSWORD: 'r',
  KAFKA_PASSWORD: 'k',
  EVENT_HUB_CONNECTION: 'Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=b',
  FALCO_TOKEN: 'a-token-of-the-tests',
  FALCO_PATH_SECRET: 'a-path-of-the-tests',
  PUSH_PATH_SECRET: 'a-path-of-the-tests',
  WEBHOOK_SECRET: 'w',
  WEBHOOK_TOKEN: 't',
  SPLUNK_TOKEN: 's',
  SMTP_PASSWORD: 'p',
  JIRA_TOKEN: 't',
  SIDEKICK_TOKEN: 't',
  TFDRIFT_HASH_KEY: Buffer.alloc(32).toString('base64'),
}

function load(text: string, bus?: string) {
  return validateConfig(text, { file: 'tfdrift.example.yaml', schema: configSchema, env, bus })
}

test('the example is accepted as it stands, without any variable', () => {
  expect(validateConfig(example, { file: 'x', schema: configSchema, env: {} }).bus.kind).toBe('embedded')
})

test('the example is accepted with every setting in use, on either bus', () => {
  expect(load(complete).bus.kind).toBe('embedded')
  expect(load(complete, 'kafka').bus.kafka?.sasl?.password).toBe('k')
})

test('what the example calls a default is one', () => {
  const defaults = load('')
  const given = load(complete)
  const same = ['dataDir', 'shippedRules', 'alerts', 'http', 'log'] as const satisfies (keyof Config)[]
  for (const key of same) expect(given[key]).toEqual(defaults[key])
  expect(given.bus).toMatchObject(defaults.bus)
  expect(given.sinks.ops?.config.timeoutMs).toBe(defaults.sinks.console?.config.timeoutMs)
  expect(given.sinks.ops?.config.retry).toEqual({ ...defaults.sinks.console?.config.retry, maxAttempts: 10 })
})

test('the configuration of docker compose is accepted', () => {
  const text = readFileSync(path.join(root, 'deploy/compose.yaml'), 'utf8')
  const withKeys = text.replace(/\$\{file:[^}]+\}/g, '${TFDRIFT_HASH_KEY}')
  expect(load(withKeys).bus.kind).toBe('kafka')
})

type Json = Record<string, unknown>

/** The keys of the schema that none of these values has, by their place. */
function absent(schema: Json, values: unknown[], place: string): string[] {
  const options = (schema.oneOf ?? schema.anyOf) as Json[] | undefined
  if (options) return options.flatMap((option) => absent(option, values.filter(fits(option)), place))
  if (schema.items) return absent(schema.items as Json, values.flat(), `${place}[]`)
  if (schema.type !== 'object') return []
  const maps = values.filter((value) => typeof value === 'object' && value !== null) as Json[]
  const missing = maps.length === 0 ? [`${place} (${JSON.stringify(schema).slice(0, 80)})`] : []
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>)
  const named = properties.flatMap(([key, property]) => {
    const having = maps.filter((map) => key in map)
    const inner = `${place}.${key}`
    return having.length === 0
      ? [inner]
      : absent(
          property,
          having.map((map) => map[key]),
          inner,
        )
  })
  const others = schema.additionalProperties
  const free =
    typeof others === 'object' ? absent(others as Json, maps.flatMap(Object.values), `${place}.*`) : []
  return [...missing, ...named, ...free]
}

/** Whether a value is meant for this alternative: of its kind, or else of its type. */
function fits(option: Json): (value: unknown) => boolean {
  const kind = ((option.properties as Json | undefined)?.kind as Json | undefined)?.const
  return (value) => {
    if (kind !== undefined) return (value as Json).kind === kind
    return option.type !== 'object' || (typeof value === 'object' && !Array.isArray(value))
  }
}

/** The example as the schema sees it: on both buses, and with what it shows once for all kinds of sinks. */
function shown(text: string): unknown[] {
  const content = parse(text) as { bus: Json; sinks: Record<string, Json> }
  const { timeout, retry, limits, quiet, redact } = content.sinks.ops!
  const { group, digest } = content.sinks.chat!
  const common = { timeout, retry, limits, quiet, redact, group, digest }
  const sinks = Object.values(content.sinks).map((sink, index) => [index, { ...common, ...sink }])
  const whole = { ...content, sinks: Object.fromEntries(sinks) }
  return [whole, { ...whole, bus: { ...content.bus, kind: 'kafka' } }]
}

test('W1 every setting of the example counts: another value makes another configuration, or a fault', {
  timeout: 60_000,
}, () => {
  const whole = parse(complete) as Json
  const expected = outcome(whole)
  const withoutEffect = settings(whole, '').flatMap(({ holder, key, place }) => {
    const value = holder[key]
    holder[key] = another(value)
    const same = isDeepStrictEqual(outcome(whole), expected)
    holder[key] = value
    return same ? [place] : []
  })
  // The example shows it beside event_driven, which says the same.
  expect(withoutEffect).toEqual(['.sync_mode.hybrid.event_triggers'])
})

function outcome(content: unknown): unknown {
  try {
    return load(JSON.stringify(content))
  } catch (error) {
    return String(error)
  }
}

interface Setting {
  holder: Record<string | number, unknown>
  key: string | number
  place: string
}

/** Every number, flag and text of the configuration, with where it stands. */
function settings(value: unknown, place: string): Setting[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Setting['holder']
  return Object.entries(holder).flatMap(([key, inner]) =>
    typeof inner === 'object'
      ? settings(inner, `${place}.${key}`)
      : [{ holder, key, place: `${place}.${key}` }],
  )
}

function another(value: unknown): unknown {
  if (typeof value === 'number') return value + 1
  return typeof value === 'boolean' ? !value : `${value}x`
}

test('W1 every key of the schema stands in the example', () => {
  expect(absent(configJsonSchema(configSchema) as Json, shown(complete), '')).toEqual([])
})

test('the look for missing keys finds them', () => {
  const poorer = complete
    .replace('partitions: 6', '')
    .replace('maxAttempts: 10', '')
    .replace('intervalMs: 1000', '')
  const found = new Set(absent(configJsonSchema(configSchema) as Json, shown(poorer), ''))
  expect([...found]).toEqual(['.bus.partitions', '.sinks.*.retry.maxAttempts', '.sinks.*.intervalMs'])
})
