import { describe, expect, it } from 'vitest'
import type { Comparison } from '../../processors/compare/compare.ts'
import type { Draft } from '../../processors/detect/step.ts'
import { createIgnoring } from '../../processors/ignore.ts'
import { parseIgnoreList } from '../../processors/ignore-list.ts'
import { aRow } from './a-finding.ts'

const differs = (attribute: string, apiName = attribute): Comparison => ({
  attribute,
  slot: attribute,
  equal: false,
  law: 'same value',
  sensitive: false,
  apiName,
})

const aDraft = (overrides: Partial<Draft> = {}): Draft => ({
  type: 'attribute_drift',
  resourceType: 'aws_instance',
  id: 'i-0abc',
  scope: { account: '123456789012', region: 'eu-west-1' },
  row: aRow(),
  others: [],
  comparisons: [
    differs('instance_type'),
    differs('tags.Env'),
    differs('metadata_options[0].http_tokens', 'httpTokens'),
  ],
  compared: true,
  reason: null,
  ...overrides,
})

/** The attributes that a list leaves of a verdict, and why it is no alert. */
function left(list: string, draft = aDraft()) {
  const { lines, errors } = parseIgnoreList(list, 'ignore')
  expect(errors).toEqual([])
  const { comparisons, reason } = createIgnoring(lines)(draft)
  return { attributes: comparisons.map(({ attribute }) => attribute), reason }
}

const all = { attributes: ['instance_type', 'tags.Env', 'metadata_options[0].http_tokens'], reason: null }
const none = { attributes: [], reason: 'ignored' }

describe('what the ignore lists leave of an attribute drift', () => {
  it.each([
    ['a type', 'aws_instance', none],
    ['a glob of types', 'aws_*', none],
    ['an address', 'aws_instance.web', none],
    ['another address', 'aws_instance.db', all],
    ['another type', 'aws_instances', all],
    ['an id of what has an address', 'aws_instance.i-0abc', all],
    ['an attribute', 'aws_instance#instance_type', { ...all, attributes: all.attributes.slice(1) }],
    ['all below an attribute', '*#tags', { ...all, attributes: [all.attributes[0], all.attributes[2]] }],
    ['a glob of attributes', '*#tags.E*', { ...all, attributes: [all.attributes[0], all.attributes[2]] }],
    [
      'a path without its index',
      '*#metadata_options.http_tokens',
      { ...all, attributes: all.attributes.slice(0, 2) },
    ],
    ["the API's name", '*#httpTokens', { ...all, attributes: all.attributes.slice(0, 2) }],
    ['the whole of an attribute of which the line names a part', '*#instance_type.size', all],
    ['all attributes, one by one', '*#instance_type\n*#tags\n*#metadata_options', none],
    ['nothing', '', all],
    ['the last line that fits', 'aws_instance\n!aws_instance.web', all],
    ['the last line that fits, which ignores', '!aws_instance.web\naws_instance', none],
    ['all but an attribute', 'aws_instance\n!aws_instance#tags', { ...all, attributes: ['tags.Env'] }],
  ])('%s', (_, list, expected) => {
    expect(left(list)).toEqual(expected)
  })

  it('keeps what is as declared, so that it still sets back', () => {
    const equal = { ...differs('monitoring'), equal: true }
    const draft = aDraft({ comparisons: [equal, differs('instance_type')] })
    expect(left('*#instance_type\n*#monitoring', draft)).toEqual({
      attributes: ['monitoring'],
      reason: 'ignored',
    })
  })

  it('says which line has taken what', () => {
    const { lines } = parseIgnoreList('aws_instance#tags # ours', 'ignore')
    expect(createIgnoring(lines)(aDraft()).ignored).toEqual([
      {
        attribute: 'tags.Env',
        by: expect.objectContaining({ file: 'ignore', line: 1, text: 'aws_instance#tags' }),
      },
    ])
  })
})

describe('what comes, goes, or is not compared', () => {
  const whole: Comparison = { ...differs(''), slot: 'resource' }
  it.each<[string, Partial<Draft>, string, boolean]>([
    ['is ignored by type', { type: 'unmanaged_resource', row: null }, 'aws_instance', true],
    [
      'is ignored by id, where no state holds it',
      { type: 'unmanaged_resource', row: null },
      'aws_instance.i-0*',
      true,
    ],
    ['is ignored by address, where one does', { type: 'resource_deleted' }, 'aws_instance.web', true],
    ['is not ignored by attribute', { type: 'resource_deleted' }, 'aws_instance.web#tags', false],
    ['is ignored where it is not compared', { compared: false }, 'aws_instance.web', true],
    ['is not ignored where a later line takes that back', { compared: false }, '*\n!aws_instance.web', false],
  ])('%s', (_, overrides, list, ignored) => {
    const draft = aDraft({ comparisons: [whole], ...overrides })
    expect(left(list, draft)).toEqual(ignored ? none : { attributes: [''], reason: null })
  })

  it('is left alone where it is no alert anyway', () => {
    const draft = aDraft({ reason: 'as-declared' })
    expect(createIgnoring(parseIgnoreList('*', 'ignore').lines)(draft)).toBe(draft)
  })
})
