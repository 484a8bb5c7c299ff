import { describe, expect, it } from 'vitest'
import { alertJson } from '../../../../connectors/alert-json.ts'
import { markdown } from '../../../../connectors/sinks/formats/markdown.ts'
import type { Alert } from '../../../../schemas/types.ts'
import { aDiff, anAlert, aSignal } from '../../an-alert.ts'

const report = (...alerts: Alert[]) => markdown(alerts.map(alertJson))

/** Cells of each table row, pipes in code included: what a renderer would split at. */
const rows = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(' | '))

describe('a report', () => {
  it('says so where there is nothing', () => {
    expect(report()).toBe('# Terraform drift\n\nNo findings.\n')
  })

  it('counts the findings by severity and has a row and a section for each', () => {
    const text = report(anAlert(), anAlert({ id: 'two' }), aSignal({ id: 'three' }))
    expect(text).toContain('3 findings: 2 critical, 1 medium.')
    expect(
      rows(text)
        .slice(0, 5)
        .map((cells) => cells[0]),
    ).toEqual(['severity', '---', 'critical', 'critical', 'medium'])
    expect(text.match(/^## /gm)).toHaveLength(3)
  })

  it('shows before and after, who, the rules, the runbook and the way back', () => {
    const text = report(anAlert())
    expect(text).toContain('| `metadata_options[0].http_tokens` | `"required"` | `"optional"` |')
    expect(text).toContain('- Who: `alice <alice@example.com> (IAMUser) by console from 203.0.113.10')
    expect(text).toContain('- Rules: `aws-001` `IMDSv2 is not required`')
    expect(text).toContain('- Runbook: <https://runbooks.example.com/imds>')
    expect(text).toContain('```sh\naws ec2 modify-instance-metadata-options')
  })

  it('marks the elements that left and came of a set', () => {
    const text = report(
      anAlert({ diffs: [aDiff({ attribute: 'cidrs', oldValue: ['a', 'b'], newValue: ['c'] })] }),
    )
    expect(text).toContain('| `cidrs` | − `"a"`<br>− `"b"` | + `"c"` |')
  })

  it('stays readable where a set is long', () => {
    const many = Array.from({ length: 50 }, (_, index) => `10.0.${index}.0/24`)
    expect(report(anAlert({ diffs: [aDiff({ oldValue: [], newValue: many })] }))).toContain('… 30 more')
  })
})

describe('text of an attacker', () => {
  const evil = (text: string) => {
    const { resource, actor, sourceEvent } = anAlert()
    return report(
      anAlert({
        message: text,
        resource: { ...resource!, address: text, id: text },
        actor: { ...actor, name: text },
        sourceEvent: { ...sourceEvent, name: text },
        diffs: [aDiff({ attribute: text, oldValue: text, newValue: [text] })],
        matchedRules: [{ id: text, name: text, severity: 'high' }],
        remediation: [text],
        runbookUrl: text,
      }),
    )
  }
  /** What a renderer would still read as markup: the text outside of code. */
  const outsideCode = (text: string) => text.replace(/`[^`\n]+`/g, '').replace(/<code>[^<\n]*<\/code>/g, '')

  it.each([
    ['HTML', '<img src=x onerror=alert(1)>', '<img'],
    ['a link', '[sign in](https://evil.example)', 'evil'],
    ['an image', '![x](https://evil.example/x.png)', 'evil'],
    ['a mention', '@org/team', '@org'],
    ['the end of a code span', '` <script>', '<script'],
    ['a code element', '</code><script>`', '<script'],
    ['a new line', 'x\n# forged heading', '# forged'],
    ['a cell', 'x | forged', 'forged'],
    ['an escaped cell', 'x \\| forged', 'forged'],
    ['a bare address', 'x | https://evil.example __forged__', 'forged'],
    ['a run of backticks', '`` forged ``', 'forged'],
  ])('stays text: %s', (_, text, forbidden) => {
    const made = evil(text)
    expect(outsideCode(made)).not.toContain(forbidden)
    expect(made).not.toMatch(/^# forged/m)
    for (const [, inner] of made.matchAll(/<code>(.*?)<\/code>/g)) expect(inner).toMatch(/^[A-Za-z0-9 &#;]+$/)
    expect(new Set(rows(made).map((cells) => cells.length))).toEqual(new Set([6, 3]))
  })

  it('does not end the block of the command', () => {
    const text = report(anAlert({ revertCommand: 'echo x\n```\n# forged' }))
    expect(text).toContain('````sh\necho x\n```\n# forged\n````')
  })
})
