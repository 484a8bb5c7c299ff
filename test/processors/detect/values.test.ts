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
