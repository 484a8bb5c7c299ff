import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { loadMappings } from '../../mappings/index.ts'
import { shellQuote } from '../../processors/shell-quote.ts'

/** Every template of every compared call, with where it stands. */
const templates = loadMappings()
  .calls()
  .flatMap(({ service, call, effects }) =>
    effects.flatMap((effect) => {
      const revert = 'update' in effect || 'put' in effect ? effect.revert : {}
      return Object.entries(typeof revert === 'object' ? revert : {}).flatMap(([attribute, entry]) =>
        (typeof entry === 'string' ? [entry] : Object.values(entry)).map((template) => ({
          place: `${service} ${call} ${attribute}`,
          template,
        })),
      )
    }),
  )

const hostile = `it's "$(touch x)" & {old}`
const filled = (template: string, value: string) => template.replaceAll(/\{\w+\}/g, () => shellQuote(value))

test('the calls of most services have commands that set them back', () => {
  const calls = new Set(templates.map(({ place }) => place.split(' ').slice(0, 2).join(' ')))
  const services = new Set([...calls].map((call) => call.split(' ')[0]))
  expect(templates.length).toBeGreaterThan(400)
  expect(calls.size).toBeGreaterThan(120)
  expect(services.size).toBeGreaterThan(25)
})

test('every command is one of a known program, with every value in a place of its own', () => {
  for (const { place, template } of templates) {
    expect(template, place).toMatch(/^(aws|gcloud|gsutil|az|bq) [a-z0-9-]+/)
    // Within quotes, a value could end them.
    expect(template.replaceAll(/'[^'{}]*'/g, ''), place).not.toMatch(/['"`$;|&<>\\]/)
  }
})

test('a shell takes every command apart as it is meant, whatever the values are', () => {
  const script = templates.map(({ template }) => `one ${filled(template, hostile)}`).join('\n')
  const { stdout, status } = spawnSync('sh', [
    '-ec',
    `one() { for word in "$@"; do printf '%s\\0' "$word"; done; printf '\\n\\0'; }\n${script}`,
  ])
  expect(status).toBe(0)
  const commands = stdout.toString().split('\n\0').slice(0, -1)
  expect(commands).toHaveLength(templates.length)
  for (const [at, { place, template }] of templates.entries()) {
    const words = commands[at]!.split('\0').slice(0, -1)
    const expected = template
      .split(' ')
      .map((word) => word.replaceAll("'", '').replaceAll(/\{\w+\}/g, hostile))
    expect(words, place).toEqual(expected)
  }
})
