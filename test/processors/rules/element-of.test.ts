import { describe, expect, it } from 'vitest'
import { compileCondition } from '../../../processors/rules/condition.ts'
import { loadRules } from '../../../processors/rules/load.ts'
import { subjectOf } from '../../../processors/rules/subject.ts'
import { aDiff, aFinding, aRow } from '../a-finding.ts'

const holds = (finding: Parameters<typeof aFinding>[0], list = 'ingress', ...more: object[]) =>
  compileCondition({
    element_of: list,
    all: [
      { attribute: 'cidr_blocks', operator: 'cidr_public' },
      { attribute: 'from_port', operator: 'lte', value: 22 },
      { attribute: 'to_port', operator: 'gte', value: 22 },
      ...(more as never[]),
    ],
  })(subjectOf(aFinding(finding)))

const rule = (port: number, cidr: string) => ({ from_port: port, to_port: port, cidr_blocks: [cidr] })
const [ssh, web, sshWithin] = [rule(22, '0.0.0.0/0'), rule(443, '0.0.0.0/0'), rule(22, '10.0.0.0/8')]
const drift = (before: object[], after: object[], row = aRow({ ingress: [web] })) =>
  holds({ row, diffs: [aDiff('ingress', before as never, after as never)] })

describe('element_of', () => {
  it('holds where all conditions hold of one element that the event added', () => {
    expect(drift([], [web, ssh])).toBe(true)
    expect(drift([web], [ssh])).toBe(true)
  })

  it('does not put conditions together that hold of different elements', () => {
    expect(drift([], [web, sshWithin])).toBe(false)
  })

  it('leaves alone what was there before, and what was taken away', () => {
    expect(drift([ssh], [])).toBe(false)
    expect(drift([ssh], [ssh, web])).toBe(false)
    expect(drift([], [web], aRow({ ingress: [ssh] }))).toBe(false)
  })

  it('looks at the state where the event left the list alone', () => {
    expect(holds({ row: aRow({ ingress: [web, ssh] }), diffs: [aDiff('name', 'a', 'b')] })).toBe(true)
    expect(holds({ row: aRow({ ingress: [web, sshWithin] }), diffs: [] })).toBe(false)
    expect(holds({ row: aRow({}), diffs: [] })).toBe(false)
    expect(holds({ row: null, diffs: [] })).toBe(false)
  })

  it('of a part that changed takes the rest of the element from the state', () => {
    const row = aRow({ ingress: [rule(80, '0.0.0.0/0'), rule(80, '10.0.0.0/8')] })
    const port = (at: number) =>
      ['from_port', 'to_port'].map((name) => aDiff(`ingress[${at}].${name}`, 80, 22))
    expect(holds({ row, diffs: port(0) })).toBe(true)
    expect(holds({ row, diffs: port(1) })).toBe(false)
    expect(holds({ row, diffs: port(0).slice(1) })).toBe(false)
    const moved = { attribute: 'to_port', operator: 'changed', from: 80 }
    expect(holds({ row, diffs: port(0) }, 'ingress', moved)).toBe(true)
    expect(holds({ row: aRow({ ingress: [ssh] }), diffs: [] }, 'ingress', moved)).toBe(false)
  })

  it('goes by the name of the API as well, and into a block that stands alone', () => {
    const row = aRow({})
    const apiNames = { ingress: ['ipPermissions'] }
    expect(
      holds({ row, diffs: [aDiff('ingress', [] as never, [ssh] as never)], apiNames }, 'ipPermissions'),
    ).toBe(true)
    expect(holds({ row: aRow({ outer: [{ ingress: [ssh] }] }), diffs: [] }, 'outer.ingress')).toBe(true)
    expect(holds({ row, diffs: [aDiff('ingress', sshWithin as never, ssh as never)] })).toBe(true)
  })

  it('does not hold where the list is hidden', () => {
    const hidden = { ...aDiff('ingress'), changeType: 'modified' as const, sensitive: true }
    expect(holds({ row: aRow({ ingress: [ssh] }), diffs: [hidden] })).toBe(false)
  })

  it('wants a list of conditions, and names what is missing', () => {
    const text = (condition: string) =>
      `rules: [{ id: a, name: a, resource_types: [b], severity: low, conditions: [${condition}] }]`
    const load = (condition: string) => loadRules([{ path: 'a.yaml', text: text(condition) }]).errors
    expect(load('{ element_of: ingress, all: [{ attribute: a, operator: exists }] }')).toEqual([])
    expect(load('{ element_of: ingress, any: [{ attribute: a, operator: exists }] }')).toMatchObject([
      { field: 'rules[0].conditions[0].all', message: 'is missing' },
      { field: 'rules[0].conditions[0].any', message: 'unknown key "any"' },
    ])
  })
})
