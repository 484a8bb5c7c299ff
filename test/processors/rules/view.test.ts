import { describe, expect, it } from 'vitest'
import { attributePattern } from '../../../processors/rules/attribute-pattern.ts'
import { subjectOf, viewOf } from '../../../processors/rules/subject.ts'
import { aDiff, aFinding, aRow, aSecretDiff } from '../a-finding.ts'

function view(attribute: string, finding: Parameters<typeof aFinding>[0]) {
  return viewOf(subjectOf(aFinding(finding)), attributePattern(attribute))
}

const open = { from_port: 22, cidr_blocks: ['0.0.0.0/0'] }
const inner = { from_port: 22, cidr_blocks: ['10.0.0.0/8', '192.168.0.0/16'] }
const known = (...values: unknown[]) => ({ values, complete: true })
const unknown = { values: [], complete: false }

describe('an attribute that the event left alone', () => {
  const row = aRow({
    ingress: [open, inner],
    tags: { Env: 'a', Secret: 'hmac-sha256:x' },
    tags_all: { Env: 'a', Team: 'b' },
    empty: null,
  })
  const found = (attribute: string) => view(attribute, { row, diffs: [] })

  it.each([
    ['ingress[*].cidr_blocks', known(['0.0.0.0/0'], ['10.0.0.0/8', '192.168.0.0/16'])],
    ['ingress[*].cidr_blocks[*]', known('0.0.0.0/0', '10.0.0.0/8', '192.168.0.0/16')],
    ['ingress[*].nothing', known()],
    ['tags.Team', known('b')],
    ['tags.T*', known('b')],
    ['tags.*', { values: ['a', 'a', 'b'], complete: false }],
    ['tags.Secret', unknown],
    ['nowhere', known(null)],
    ['empty', known(null)],
  ])('%s is as the state says, before and after: %j', (attribute, expected) => {
    expect(found(attribute)).toMatchObject({ old: expected, new: expected, changes: [] })
  })

  it('is not known where no state holds the resource', () => {
    expect(view('ingress', { row: null, diffs: [] })).toMatchObject({ old: unknown, new: unknown })
  })
})

describe('an attribute of what no state holds', () => {
  const made = { policy: '{}', options: [{ size: 1 }], id: 'a' }
  const found = (attribute: string) => view(attribute, { row: null, diffs: [], made })

  it('was set by the call that made it, or is not known', () => {
    expect(found('policy')).toMatchObject({ new: known('{}'), old: known(null) })
    expect(found('options.size')).toMatchObject({ changes: [{ changeType: 'added' }], new: known(1) })
    expect(found('id')).toMatchObject({ new: known('a') })
    for (const one of ['options.other', 'tags.a'])
      expect(found(one)).toMatchObject({ new: unknown, changes: [] })
  })
})

describe('an attribute that the event changed', () => {
  const row = aRow({ ingress: [open, inner], metadata_options: [{ http_tokens: 'required', hops: 1 }] })

  it('is what came and went, seen through the whole that changed', () => {
    const diffs = [aDiff('ingress', [inner], [open])]
    expect(view('ingress[*].cidr_blocks[*]', { row, diffs })).toMatchObject({
      old: known('10.0.0.0/8', '192.168.0.0/16'),
      new: known('0.0.0.0/0'),
      changes: [{ changeType: 'modified', after: ['0.0.0.0/0'] }],
    })
    expect(view('ingress.cidr_blocks', { row, diffs })).toMatchObject({ new: known(['0.0.0.0/0']) })
  })

  it('did not change where the whole did, but not this part of it', () => {
    const diffs = [
      aDiff('metadata_options', [{ http_tokens: 'required', hops: 1 }], [{ http_tokens: 'required' }]),
    ]
    expect(view('metadata_options.http_tokens', { row, diffs })).toMatchObject({
      changes: [],
      new: known('required'),
    })
    expect(view('metadata_options.hops', { row, diffs })).toMatchObject({
      changes: [{ changeType: 'removed' }],
      old: known(1),
      new: known(null),
    })
  })

  it('is not known by its place in a list whose change does not tell places', () => {
    const diffs = [aDiff('ingress', [inner], [open])]
    expect(view('ingress[1].cidr_blocks', { row, diffs })).toMatchObject({
      changes: [],
      new: unknown,
      old: unknown,
    })
  })

  it('is not known as a whole where a part of it changed', () => {
    const diffs = [aDiff('ingress[1].from_port', 22, 23)]
    const whole = view('ingress', { row, diffs })
    expect(whole.changes).toHaveLength(1)
    expect(whole).toMatchObject({ new: unknown, old: unknown })
  })

  it('is found below several changes at once', () => {
    const diffs = [aDiff('tags.A', 'x', 'y'), aDiff('tags.B', undefined, 'z')]
    expect(view('tags.*', { row, diffs })).toMatchObject({ old: known('x', null), new: known('y', 'z') })
  })

  it('tells nothing where it is secret', () => {
    expect(view('password', { row, diffs: [aSecretDiff] })).toMatchObject({ new: unknown, old: unknown })
    const hidden = { ...aSecretDiff, attribute: 'ingress' }
    expect(view('ingress[*].cidr_blocks', { row, diffs: [hidden] })).toMatchObject({
      new: unknown,
      changes: [],
    })
  })
})
