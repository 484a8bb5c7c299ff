import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { runProgram } from '../../cli/program.ts'
import type { AlertJson } from '../../connectors/alert-json.ts'
import { shippedRulesDir } from '../../rules/index.ts'
import { generate } from '../support/generate.ts'
import { testIo } from '../support/test-io.ts'

export interface Sample {
  state: string
  /** The files of events, to be put where a source looks. */
  files: { name: string; bytes: Buffer }[]
}

/** A state and shuffled events in gzipped files, a tenth of them delivered twice. The same seed gives the same. */
export function makeSample(
  folder: string,
  options: { events: number; resources: number; seed: number; driftShare?: number; files?: number },
): Sample {
  mkdirSync(folder, { recursive: true })
  const { state, records } = generate({ driftShare: 0.6, ...options })
  const file = path.join(folder, 'terraform.tfstate')
  writeFileSync(file, JSON.stringify(state))
  const all = [...records()]
  const shuffled = shuffle([...all, ...all.filter((_, i) => i % 10 === 0)], options.seed)
  const { files: count = 10 } = options
  const perFile = Math.ceil(shuffled.length / count)
  const files = Array.from({ length: count }, (_, i) => ({
    name: `events-${i}.json.gz`,
    bytes: gzipSync(JSON.stringify({ Records: shuffled.slice(i * perFile, (i + 1) * perFile) })),
  }))
  return { state: file, files }
}

/** Fisher-Yates with a linear congruential generator. */
function shuffle<T>(list: T[], seed: number): T[] {
  let random = seed
  for (let i = list.length - 1; i > 0; i--) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0
    const j = random % (i + 1)
    ;[list[i], list[j]] = [list[j]!, list[i]!]
  }
  return list
}

/** What `detect` says of the sample: the oracle. `rules`: a folder of rules beside the shipped ones. */
export async function oracle(sample: Sample, folder: string, rules?: string): Promise<AlertJson[]> {
  const events = path.join(folder, 'oracle')
  mkdirSync(events, { recursive: true })
  for (const { name, bytes } of sample.files) writeFileSync(path.join(events, name), bytes)
  const io = testIo()
  const command = [
    'detect',
    '--state',
    sample.state,
    '--events',
    events,
    '--format',
    'ndjson',
    '--uncompared',
  ]
  const more = rules === undefined ? [] : ['--rules', shippedRulesDir, rules]
  const code = await runProgram([...command, ...more], io)
  if (code !== 0) throw new Error(`detect ended with ${code}: ${io.err()}`)
  return io
    .out()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AlertJson)
}

/** What must be equal between detect and run: everything but the moment and the life-cycle. */
export function comparableAlerts(alerts: readonly AlertJson[]): object[] {
  const byId = new Map(alerts.map((alert) => [alert.id, alert]))
  return [...byId.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, type, severity, compared, diffs, matchedRules, actor, sourceEvent, resource }) => ({
      id,
      type,
      severity,
      compared,
      diffs,
      matchedRules,
      actor,
      sourceEvent,
      resource,
    }))
}
