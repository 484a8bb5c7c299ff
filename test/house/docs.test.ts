import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { configSchema } from '../../cli/config/load.ts'
import { validateConfig } from '../../cli/config/validate.ts'
import { sinkKinds } from '../../connectors/sinks/index.ts'
import { sourceKinds, stateKinds } from '../../connectors/sources/index.ts'
import { read, root } from './source.ts'

const pages = readdirSync(path.join(root, 'docs/connectors'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/connectors/${name}`)
const key = Buffer.alloc(32).toString('base64')

/** What references in the documents stand for, where a plain word would have the wrong form. */
const values: Record<string, string> = {
  EVENT_HUB_CONNECTION:
    'Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=tfdrift;SharedAccessKey=a2V5',
  PAGERDUTY_KEY: 'a'.repeat(32),
  DISCORD_URL: 'https://discord.com/api/webhooks/1/x',
  SLACK_URL: 'https://hooks.slack.com/services/T0/B0/x',
  WEBHOOK_URL: 'https://hooks.example.com/tfdrift',
  TFDRIFT_HASH_KEY: key,
  TFDRIFT_DEAD_LETTER_KEY: key,
}
// Plain words are long enough for any secret.
const env = new Proxy(values, {
  get: (known, name: string) =>
    known[name] ?? (/URL$/.test(name) ? 'https://example.com' : 'a-plain-word-of-32-characters-and'),
})

interface Example {
  file: string
  line: number
  text: string
}

/** The configurations in the text: blocks of YAML whose first line says so. */
function examplesIn(file: string, text: string): Example[] {
  return [...text.matchAll(/^```yaml\n(# tfdrift\.yaml\n[\s\S]*?)^```$/gm)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length,
    // A file that is not there holds a key.
    text: match[1]!.replaceAll(/\$\{file:[^}]+\}/g, key),
  }))
}

const examples = [...pages, 'README.md', 'docs/consumers.md'].flatMap((file) => examplesIn(file, read(file)))

function load({ file, text }: Example) {
  return validateConfig(text, { file, schema: configSchema, env })
}

describe('a configuration in the documents', () => {
  test.each(examples)('is valid: $file:$line', (example) => {
    expect(() => load(example)).not.toThrow()
  })

  test('that is wrong would be found', () => {
    const text = 'text\n```yaml\n# tfdrift.yaml\nsinks:\n  a: { kind: consle }\n```\n'
    const [example] = examplesIn('a.md', text)
    expect(example).toMatchObject({ line: 2 })
    expect(() => load(example!)).toThrow('did you mean console?')
  })
})

describe('every kind of connector has a page with an example of it', () => {
  const used = examples
    .filter(({ file }) => pages.includes(file))
    .map(({ text }) => parse(text) as Record<string, Record<string, { kind: string }>>)
  const kinds = { sources: sourceKinds, states: stateKinds, sinks: sinkKinds }

  test.each(Object.entries(kinds))('%s', (section, registry) => {
    const shown = used.flatMap((config) => Object.values(config[section] ?? {}).map(({ kind }) => kind))
    expect(Object.keys(registry).filter((kind) => !shown.includes(kind))).toEqual([])
  })

  test('which is short', () => {
    expect(pages.filter((file) => read(file).trimEnd().split('\n').length > 80)).toEqual([])
  })
})

describe('a link in the documents', () => {
  const others = ['alerts', 'consumers', 'coverage', 'dependencies', 'mappings'].map(
    (name) => `docs/${name}.md`,
  )
  const files = [...pages, 'README.md', ...others]
  test.each(files)('leads to a file that is there: %s', (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1]!)
    const missing = links.filter((link) => !existsSync(path.resolve(root, path.dirname(file), link)))
    expect(missing).toEqual([])
  })
})
