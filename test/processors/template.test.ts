import fc from 'fast-check'
import { expect, it } from 'vitest'
import { filled } from '../../processors/template.ts'

const known: Record<string, string> = { a: '1', b: '2', 'list[0].c': '3' }
const read = (name: string) => known[name] ?? null

it.each([
  ['a', '1'],
  ['none', null],
  ['{a}:{b}', '1:2'],
  ['x/{a}/y/{list[0].c}', 'x/1/y/3'],
  ['{a}/{none}', null],
  ['{a}[/{b}]', '1/2'],
  ['{a}[/{none}]', '1'],
  ['{a}[/{none}][-{list[0].c}-]', '1-3-'],
  ['{none}[/{b}]', null],
])('%s is %s', (template, expected) => {
  expect(filled(template, read)).toBe(expected)
})

it('a name is told what stands before it in a path', () => {
  const seen: unknown[] = []
  filled('projects/{a}/zones/{b}:{c}', (name, before) => {
    seen.push([name, before])
    return name
  })
  expect(seen).toEqual([
    ['a', 'projects'],
    ['b', 'zones'],
    ['c', undefined],
  ])
})

it('what is filled in is no template', () => {
  fc.assert(fc.property(fc.string(), (text) => filled('{a}/{b}', () => text) === `${text}/${text}`))
})
