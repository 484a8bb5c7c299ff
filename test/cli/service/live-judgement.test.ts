import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LiveJudgement, startLiveJudgement } from '../../../cli/service/live-judgement.ts'
import { createMetrics } from '../../../streams/metrics.ts'
import { aFinding } from '../../processors/a-finding.ts'
import { until } from '../../services/until.ts'

let folder = ''
let rules = ''
let ignore = ''
let live: LiveJudgement
const metrics = createMetrics()
const logged: [string, object][] = []
const log = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (fields: object, message: string) => void logged.push([`${level}: ${message}`, fields]),
  ]),
) as never

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-live-'))
  rules = path.join(folder, 'rules')
  ignore = path.join(folder, 'ignore')
  mkdirSync(rules)
  rule('a')
  writeFileSync(ignore, '')
  logged.length = 0
})
afterEach(() => {
  live.stop()
  rmSync(folder, { recursive: true })
})

function rule(id: string, severity = 'high'): void {
  const text = `rules:\n  - { id: ${id}, name: A, resource_types: [aws_instance], types: [attribute_drift], severity: ${severity} }\n`
  writeFileSync(path.join(rules, 'mine.yaml'), text)
}

async function start(everyMs = 3_600_000): Promise<void> {
  const files = { folders: [rules], ignore: [ignore] }
  live = await startLiveJudgement({ files, matching: {}, everyMs, metrics, log })
}

const matched = () => live.matcher(aFinding()).matchedRules.map(({ id, severity }) => `${id} ${severity}`)
const metric = async (name: string) =>
  new RegExp(`^tfdrift_${name} (.+)$`, 'm').exec(await metrics.render())?.[1]

describe('rules that follow their files', () => {
  it('are those of the start until a file changes', async () => {
    await start()
    await live.look()
    expect(matched()).toEqual(['a high'])
    expect(logged).toEqual([])
    expect([await metric('rules_loaded'), await metric('rules_stale')]).toEqual(['1', '0'])
    rule('b')
    await live.look()
    expect(matched()).toEqual(['b high'])
    expect(logged).toEqual([['info: the rules have changed, and are in use', { rules: 1 }]])
  })

  it.each<[string, () => void, string]>([
    [
      'a rule has a fault',
      () => rule('b', 'hihg'),
      'mine.yaml:2:91 rules[0].severity: "hihg" is not known here; did you mean "high"?',
    ],
    ['the YAML has', () => writeFileSync(path.join(rules, 'mine.yaml'), 'rules: ['), 'mine.yaml:1:'],
    ['an ignore list has', () => writeFileSync(ignore, 'webserver'), 'ignore:1:1: "webserver" is neither'],
    ['an ignore list is gone', () => rmSync(ignore), 'ignore: cannot be read (ENOENT)'],
    ['the folder is gone', () => rmSync(rules, { recursive: true }), 'cannot read the folder'],
  ])('stay as they were, all of them, while %s', async (_, damage, fault) => {
    await start()
    const failed = Number((await metric('rules_reload_total{result="failed"}')) ?? 0)
    damage()
    await live.look()
    expect(matched()).toEqual(['a high'])
    expect(live.warnings()).toEqual([{ component: 'rules', reason: expect.stringContaining(fault) }])
    expect(logged[0]).toEqual([
      'error: a fault in the changed rules',
      { fault: expect.stringContaining(fault) },
    ])
    expect(logged.at(-1)).toEqual([
      'error: the rules from before the change stay in use',
      { faults: 1, rules: 1 },
    ])
    expect(await metric('rules_stale')).toBe('1')
    expect(await metric('rules_reload_total{result="failed"}')).toBe(String(failed + 1))

    await live.look()
    expect(logged).toHaveLength(2)
    mkdirSync(rules, { recursive: true })
    rule('c')
    writeFileSync(ignore, '# mended')
    await live.look()
    expect(matched()).toEqual(['c high'])
    expect(live.warnings()).toEqual([])
    expect(await metric('rules_stale')).toBe('0')
  })

  it('are not taken over in part', async () => {
    await start()
    writeFileSync(path.join(rules, 'new.yaml'), 'rules:\n  - { id: b, name: B, severity: high }\n')
    rule('c')
    await live.look()
    expect(matched()).toEqual(['a high'])
  })

  it('are found by looking every so often, and only when the files rest', async () => {
    await start(20)
    rule('b')
    await until('b', () => matched()[0] === 'b high' || undefined)
    writeFileSync(path.join(rules, 'more.yaml'), 'rules: []\n')
    rule('c', 'low')
    await until('c', () => matched()[0] === 'c low' || undefined)
  })

  it('cannot begin with a fault', async () => {
    await start()
    rule('b', 'hihg')
    const files = { folders: [rules], ignore: [] }
    await expect(startLiveJudgement({ files, matching: {}, everyMs: 1_000, metrics, log })).rejects.toThrow(
      'mine.yaml:2:91',
    )
  })
})
