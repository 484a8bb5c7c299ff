import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../processors/finding.ts'
import { call, judge, mapped, row } from '../../support/detect.ts'

describe('elements that paths pick by a field', () => {
  const picked = mapped(`
types: { test_group: { names: [name] } }
calls:
  Set: [{ update: test_group, id: name, attributes: { "list[key=a.b].value": a } }]
`)
  const set = (...list: JsonObject[]) =>
    judge(
      call('test', 'Set', { name: 'web', list }),
      [row('test_group', { id: 'web', name: 'web', a: 1 })],
      picked,
    )

  it('are known, and others are not', () => {
    expect(set({ key: 'a.b', value: '1' })).toMatchObject({ reason: 'as-declared' })
    expect(set({ key: 'a.b', value: '1' }, { key: 'c', value: '1' })).toMatchObject({
      findings: [{ finding: { compared: false }, reason: null }],
    })
    expect(set({ key: 'a.b', value: '1', other: 1 })).toMatchObject({
      findings: [{ finding: { compared: false } }],
    })
  })
})
