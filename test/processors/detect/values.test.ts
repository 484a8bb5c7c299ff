import { describe, expect, it } from 'vitest'
import { valuesOf } from '../../../processors/detect/values.ts'
import { call } from '../../support/detect.ts'

const one = call(
  'test',
  'X',
  { name: 'app', size: 8, empty: '', flag: true, list: [{ id: 'a' }, { id: 'b' }], bare: { id: 'c' } },
  { response: { name: 'answered', list: [{ id: 'x' }] } },
)
const [whole] = valuesOf(one, {})

describe('a path of a mapping', () => {
  it('is read in the request, the response or the element of each', () => {
    expect(whole!.read('name')).toBe('app')
    expect(whole!.read('response.name')).toBe('answered')
    expect(whole!.read('response.list[0].id')).toBe('x')
    expect(valuesOf(one, { each: 'list' }).map((values) => values.read('item.id'))).toEqual(['a', 'b'])
    expect(valuesOf(one, { each: 'response.list' }).map((values) => values.read('item.id'))).toEqual(['x'])
    expect(valuesOf(one, { each: 'list' })[0]!.read('name')).toBe('app')
    expect(whole!.read('item.id')).toBeUndefined()
    expect(whole!.read('call.account')).toBe('123456789012')
  })

  it('is a text where it leads to one, or to a number', () => {
    expect(whole!.text('name')).toBe('app')
    expect(whole!.text('size')).toBe('8')
    for (const path of ['empty', 'flag', 'list', 'bare', 'absent']) expect(whole!.text(path)).toBeNull()
  })

  it('makes a composite, if none of its parts is missing', () => {
    expect(whole!.text('{name}/{size}')).toBe('app/8')
    expect(whole!.text('{name}/{response.name}')).toBe('app/answered')
    expect(whole!.text('{name}/{empty}')).toBeNull()
    expect(whole!.text('{name}/{absent}')).toBeNull()
  })
})

describe('the elements of each', () => {
  it('are those of the list, or the one object that stands for it', () => {
    expect(valuesOf(one, { each: 'list' })).toHaveLength(2)
    expect(valuesOf(one, { each: 'bare' }).map((values) => values.text('item.id'))).toEqual(['c'])
    expect(valuesOf(one, { each: 'absent' })).toEqual([])
    expect(valuesOf(one, { each: 'name' })).toEqual([])
    expect(valuesOf({ ...one, request: { list: {} } }, { each: 'list' })).toEqual([])
  })

  it('that are no objects are the value of an item', () => {
    const names = valuesOf({ ...one, request: { names: ['a', 'b'] } }, { each: 'names' })
    expect(names.map((values) => values.text('item.value'))).toEqual(['a', 'b'])
  })
})

describe('an effect', () => {
  const holding = (wanted: string | null | (string | null)[], value: string | null) =>
    valuesOf({ ...one, request: value === null ? {} : { path: value } }, { when: { path: wanted } }).length >
    0

  it.each<[string | null | (string | null)[], (string | null)[], (string | null)[]]>([
    ['*', ['a', ''], [null]],
    ['+', ['a'], ['', null]],
    ['docdb*', ['docdb', 'docdb5.0'], ['mydocdb', '', null]],
    [null, [null], ['a', '']],
    ['', [''], ['a', null]],
    [
      [null, 'a'],
      ['a', null],
      ['b', ''],
    ],
  ])('when %j holds of %j, not of %j', (wanted, yes, no) => {
    expect(yes.filter((value) => !holding(wanted, value))).toEqual([])
    expect(no.filter((value) => holding(wanted, value))).toEqual([])
  })

  it('may name the account of the call', () => {
    expect(whole!.text('call.account')).toBe(one.account)
    expect(valuesOf(one, { each: 'list' })[0]!.read('item')).toEqual({ id: 'a' })
  })
})

describe('another list of the call', () => {
  const change = call('test', 'X', {
    added: [
      { name: 'a', type: 'A', ttl: 60 },
      { name: 'b', type: 'A', ttl: 60 },
    ],
    gone: [
      { name: 'a', type: 'A', ttl: 300 },
      { name: 'b', type: 'TXT' },
    ],
  })
  const names = (extent: Parameters<typeof valuesOf>[1]) =>
    valuesOf(change, extent).map((values) => values.text('{item.name} {item.type}'))

  it('picks the elements of each that it has, told by some fields', () => {
    expect(names({ each: 'added', among: { list: 'gone', by: ['name', 'type'] } })).toEqual(['a A'])
    expect(names({ each: 'added', among: { list: 'absent', by: ['name'] } })).toEqual([])
  })

  it('or those that it has not', () => {
    expect(names({ each: 'gone', except: { list: 'added', by: ['name', 'type'] } })).toEqual(['b TXT'])
    expect(names({ each: 'gone', except: { list: 'absent', by: ['name'] } })).toHaveLength(2)
  })

  it('where the two call a field otherwise, too', () => {
    const part = call('test', 'X', { ids: ['a', 'b'], failed: [{ targetId: 'b' }] })
    const done = valuesOf(part, { each: 'ids', except: { list: 'failed', by: ['targetId | value'] } })
    expect(done.map((values) => values.text('item.value'))).toEqual(['a'])
  })
})

describe('the item', () => {
  it('is the element as a whole, or without each the whole request', () => {
    expect(valuesOf(one, { each: 'list' }).map((values) => values.read('item'))).toEqual([
      { id: 'a' },
      { id: 'b' },
    ])
    expect(whole!.read('item')).toEqual(one.request)
  })
})

describe('where an effect holds', () => {
  const holds = (when: Parameters<typeof valuesOf>[1]['when']) => valuesOf(one, { when }).length === 1

  it('may be told by alternatives: by the first that is there, or by none of them', () => {
    expect(holds({ 'absent | size': '*' })).toBe(true)
    expect(holds({ 'absent | size': 9 })).toBe(false)
    expect(holds({ 'absent | size': null })).toBe(false)
    expect(holds({ 'absent | missing': null })).toBe(true)
  })
})
