import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMappings } from '../../mappings/index.ts'
import type { JsonObject } from '../../processors/finding.ts'
import { inScope, keysOf, nameKey, namesIn, parentKey, resourceKey } from '../../processors/identity.ts'
import { call, row } from '../support/detect.ts'

const mappings = createMappings([
  {
    file: 'test.yaml',
    text: `
service: test.amazonaws.com
types:
  named: { names: [arn, name, "disk[0].id", size, flags] }
  child: { names: ["{role}:{name}"], parent: role }
  grant: { parent: "{bucket}/{role}", anyCase: true }
`,
  },
])

const keys = (type: string, attributes: JsonObject, id = 'i-1', arn: string | null = null) =>
  keysOf({ type, id, arn, attributes }, mappings)

describe('a row is found under', () => {
  it.each([
    ['its id', 'named', {}, 'i-1'],
    ['its ARN', 'named', { arn: 'arn:aws:x:::y' }, 'arn:aws:x:::y'],
    ['its own names', 'named', { name: 'web' }, 'web'],
    ['a name inside a block', 'named', { disk: [{ id: 'vol-1' }] }, 'vol-1'],
    ['a name that is a number', 'named', { size: 8 }, '8'],
    ['a composite of attributes', 'child', { role: 'app', name: 'read' }, 'app:read'],
    ['ARN and name, where no mapping describes its type', 'other', { arn: 'arn:aws:x:::y' }, 'arn:aws:x:::y'],
    ['what is named like its type, where no mapping describes that', 'aws_x_thing', { thing_id: 't' }, 't'],
    ['its name, where no mapping describes its type', 'other', { name: 'web' }, 'web'],
  ] as [string, string, JsonObject, string][])('%s', (_, type, attributes, name) => {
    expect(keys(type, attributes)).toContain(nameKey(type, name))
  })

  it('the ARN that the state row itself names', () => {
    expect(keys('child', {}, 'x', 'arn:aws:x:::y')).toContain(nameKey('child', 'arn:aws:x:::y'))
  })

  it('what its ARN says behind the kind of resource', () => {
    const arn = 'arn:aws:ecs:eu-west-1:123456789012:service/main/web'
    expect(keys('child', {}, '', arn)).toEqual([nameKey('child', arn), nameKey('child', 'main/web')])
  })

  it('the last part of an attribute that holds a whole path or link, as its template has it', () => {
    const zone = 'https://www.googleapis.com/compute/v1/projects/p/zones/z'
    const attributes = { project: 'p', name: 'n', zone }
    const path = nameKey('google_compute_disk', 'projects/p/zones/z/disks/n')
    expect(keys('google_compute_disk', attributes)).toContain(path)
    expect(keys('google_compute_disk', { ...attributes, zone: 'zones/z' })).toContain(path)
    expect(keys('google_compute_disk', { ...attributes, zone: 'z' })).toContain(path)
  })

  it('its parent, beside its siblings, which is none of its names', () => {
    const found = keys('child', { role: 'app', name: 'read' })
    expect(found).toContain(parentKey('child', 'app'))
    expect(found).not.toContain(nameKey('child', 'app'))
    expect(parentKey('child', 'app')).not.toBe(nameKey('child', 'app'))
  })

  it('of a grant of Google the resource and the binding, by its id', () => {
    const [type, role] = ['google_kms_key_ring_iam_member', 'roles/viewer']
    const found = (attributes: JsonObject, id: string) =>
      keysOf({ type, id, arn: null, attributes }, mappings)
    expect(found({ role, member: 'user:A@b.c' }, 'projects/p/rings/r/roles/viewer/user:a@b.c/t//e')).toEqual(
      expect.arrayContaining([parentKey(type, 'rings/r'), parentKey(type, 'rings/r/roles/viewer/t//e')]),
    )
    expect(found({ role: 'projects/p/roles/x', member: 'm' }, 'rings/r/projects/p/roles/x/m')).toEqual(
      expect.arrayContaining([parentKey(type, 'rings/r'), parentKey(type, 'rings/r/projects/p/roles/x')]),
    )
  })

  it('its parent, where several attributes name it together', () => {
    expect(keys('grant', { bucket: 'B', role: 'r' }, '')).toEqual([parentKey('grant', 'b/r')])
    expect(keys('grant', { bucket: 'B' }, '')).toEqual([])
  })

  it('no name of another type', () => {
    expect(keys('named', {})).not.toEqual(expect.arrayContaining([nameKey('child', 'i-1')]))
  })

  it('nothing that is absent, empty, a list, an object or an incomplete composite', () => {
    expect(keys('named', { arn: null, name: '', disk: [], flags: ['a'], size: {} }, '')).toEqual([])
    expect(keys('child', { role: 'app' }, '')).toEqual([parentKey('child', 'app')])
    expect(keys('child', { name: 'read' }, '')).toEqual([nameKey('child', 'read')])
  })

  it('each name once', () => {
    expect(keys('named', { name: 'i-1', size: 'i-1' })).toEqual([nameKey('named', 'i-1')])
  })
})

describe('a call names', () => {
  const account = '123456789012'
  const region = 'eu-west-1'

  it.each([
    ['i-0abc', ['i-0abc'], null, null],
    [`arn:aws:ec2:${region}:${account}:instance/i-0abc`, ['i-0abc'], account, region],
    [`arn:aws:rds:${region}:${account}:db:orders`, ['orders'], account, region],
    [`arn:aws:sns:${region}:${account}:topic`, ['topic'], account, region],
    [`arn:aws:iam::${account}:role/app`, ['app'], account, null],
    [`arn:aws:iam::${account}:role/team/a/app`, ['app', 'team/a/app'], account, null],
    ['arn:aws:iam::aws:policy/ReadOnlyAccess', ['ReadOnlyAccess'], null, null],
    ['arn:aws:s3:::logs', ['logs'], null, null],
    [`arn:aws:lambda:${region}:${account}:function:resize`, ['resize'], account, region],
    [`arn:aws:lambda:${region}:${account}:function:resize:live`, ['resize'], account, region],
    [`arn:aws-cn:lambda:cn-north-1:${account}:function:resize`, ['resize'], account, 'cn-north-1'],
    [`${account}:function:resize`, ['resize'], account, null],
    [`${account}:function:resize:live`, ['resize'], account, null],
  ] as [string, string[], string | null, string | null][])('%s', (text, names, inAccount, inRegion) => {
    const named = namesIn(text)
    expect(named.names).toEqual(expect.arrayContaining([text, ...names]))
    expect(named).toMatchObject({ account: inAccount, region: inRegion })
  })

  it('nothing else by a plain name, whatever stands in it', () => {
    for (const text of ['app:read', 'team/app', 'a:b:c/d', 'arn', 'x:arn:aws:s3:::logs']) {
      expect(namesIn(text).names).toEqual([text])
    }
  })

  it('the same in lower case too, where the service keeps its names so', () => {
    expect(namesIn('Orders', true).names).toEqual(['Orders', 'orders'])
    expect(namesIn('orders', true).names).toEqual(['orders'])
    expect(namesIn(`arn:aws:rds:${region}:${account}:db:Orders`, true).names).toContain('orders')
    expect(namesIn('Orders').names).toEqual(['Orders'])
  })

  it('a row by its id or its ARN, whatever they are', () => {
    const id = fc.string({ minLength: 1 }).filter((text) => !text.startsWith('arn:'))
    fc.assert(
      fc.property(id, fc.constantFrom('function:', 'role/', 'role/path/', ''), (name, prefix) => {
        const arn = `arn:aws:x:${region}:${account}:${prefix}${name}`
        const found = new Set(keys('named', { arn }, name))
        for (const text of [name, arn]) {
          expect(namesIn(text).names.some((one) => found.has(nameKey('named', one)))).toBe(true)
        }
      }),
    )
  })
})

describe('a row', () => {
  const here = { account: '123456789012', region: 'eu-west-1' }

  it.each([
    ['of the same account and region', {}, here, false],
    ['without an account', { account: null }, here, false],
    ['without a region', { region: null }, here, false],
    ['of the region global', { region: 'global' }, here, false],
    ['of a type without regions', { region: 'us-east-1' }, here, true],
    ['of another region than a call that has none', {}, { ...here, region: 'global' }, false],
    ['of another account than a call that has none', {}, { ...here, account: '' }, false],
  ] as const)('%s is in scope', (_, more, scope, global) => {
    expect(inScope(row('named', {}, more), scope, global)).toBe(true)
  })

  it.each([
    ['of another account', { account: '999999999999' }, here, false],
    ['of another region', { region: 'us-east-1' }, here, false],
    ['of another region, without an account', { account: null, region: 'us-east-1' }, here, false],
    ['of another account, without a region', { account: '999999999999', region: null }, here, false],
    ['of another account, of a type without regions', { account: '999999999999' }, here, true],
  ] as const)('%s is not in scope', (_, more, scope, global) => {
    expect(inScope(row('named', {}, more), scope, global)).toBe(false)
  })
})

it('a resource key names provider, account, region, type and id, and nothing of the state', () => {
  expect(resourceKey(call('ec2', 'X', {}), { account: '1', region: 'global' }, 'aws_iam_role', 'app')).toBe(
    'aws/1/global/aws_iam_role/app',
  )
})
