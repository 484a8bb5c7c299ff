import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../processors/finding.ts'
import { fillTemplate, firstOf, pathsOf } from '../../processors/template.ts'

const values: Record<string, Json> = {
  name: 'www.Example.com.',
  zone: '/hostedzone/Z1',
  arn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/main',
  link: 'https://www.googleapis.com/compute/v1/projects/p/global/networks/n',
  definition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7',
  egress: false,
  number: 100,
  function: 'arn:aws:lambda:eu-west-1:123456789012:function:thumbs:live',
  partial: '123456789012:function:thumbs',
  empty: '',
  queue: 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders',
  secret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-live-AbCdEf',
}
const fill = (template: string) => fillTemplate(template, (path) => values[path])

describe('a template', () => {
  it.each([
    ['name', 'www.Example.com.'],
    ['{zone:last}_{name:dns}_A', 'Z1_www.example.com_A'],
    ['{arn:last}', 'main'],
    ['{link:path}', 'projects/p/global/networks/n'],
    ['{arn:path}', 'arn:aws:ecs:eu-west-1:123456789012:cluster/main'],
    ['{definition:base}', 'web:7'],
    ['{number:base}', '100'],
    ['acl:{egress}:{number}', 'acl:false:100'],
    ['{function:function}@{function:qualifier}', 'thumbs@live'],
    ['{partial:function}@{partial:qualifier} | {partial:function}', 'thumbs'],
    ['{name:function}', 'www.Example.com.'],
    ['missing | number', '100'],
    ['{missing}/a | =default', 'default'],
    ['{secret:secret}', 'shop/db-live'],
    ['{zone:secret}', '/hostedzone/Z1'],
    ['{queue:queue}', '123456789012/orders'],
    ['{missing}/{number} | {number}', '100'],
    ['{number}[/{egress}]', '100/false'],
    ['{number}[/{missing}]', '100'],
    ['{number}[/{missing}][-{name:dns}-]', '100-www.example.com-'],
    ['zones/{number}', 'zones/100'],
    ['=one', 'one'],
    ['missing | =one', 'one'],
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
    expect(pathsOf('{zone:last}_{name:dns} | name | =text')).toEqual(['zone', 'name', 'name'])
  })
})

describe('of paths that are alternatives', () => {
  const first = (path: string) => firstOf(path, (one) => values[one])

  it('the first counts that leads anywhere, to whatever', () => {
    expect(first('missing | egress | number')).toBe(false)
    expect(first('empty | number')).toBe('')
    expect(first('missing | absent')).toBeUndefined()
  })
})
