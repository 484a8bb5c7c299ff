import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../processors/finding.ts'
import { fillTemplate, pathsOf } from '../../processors/template.ts'

const values: Record<string, Json> = {
  name: 'www.Example.com.',
  zone: '/hostedzone/Z1',
  arn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/main',
  definition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7',
  egress: false,
  number: 100,
  empty: '',
}
const fill = (template: string) => fillTemplate(template, (path) => values[path])

describe('a template', () => {
  it.each([
    ['name', 'www.Example.com.'],
    ['{zone:last}_{name:dns}_A', 'Z1_www.example.com_A'],
    ['{arn:last}', 'main'],
    ['{definition:base}', 'web:7'],
    ['{number:base}', '100'],
    ['acl:{egress}:{number}', 'acl:false:100'],
    ['missing | number', '100'],
    ['{missing}/{number} | {number}', '100'],
    ['{number}[/{egress}]', '100/false'],
    ['{number}[/{missing}]', '100'],
    ['{number}[/{missing}][-{name:dns}-]', '100-www.example.com-'],
    ['zones/{number}', 'zones/100'],
  ])('%s becomes %s', (template, text) => {
    expect(fill(template)).toBe(text)
  })

  it.each(['missing', 'empty', '{missing}-{number}', '{missing}[/{number}]', 'egress'])(
    '%s is no name',
    (template) => {
      expect(fill(template)).toBeNull()
    },
  )

  it('tells what stands before a part of a path', () => {
    const seen: unknown[] = []
    fillTemplate('projects/{a}/zones/{b}:{c}', (path, before) => {
      seen.push([path, before])
      return path
    })
    expect(seen).toEqual([
      ['a', 'projects'],
      ['b', 'zones'],
      ['c', undefined],
    ])
  })

  it('takes what is filled in for no template', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        return fillTemplate('{a}[/{b}]', () => text) === `${text}/${text}`
      }),
    )
  })

  it('tells the paths that it reads', () => {
    expect(pathsOf('{zone:last}_{name:dns} | name')).toEqual(['zone', 'name', 'name'])
  })
})
