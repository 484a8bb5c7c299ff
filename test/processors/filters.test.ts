import { expect, test } from 'vitest'
import { compileFilters, type FilterSubject, type Filters } from '../../processors/filters.ts'

const subject: FilterSubject = {
  provider: 'aws',
  account: '123456789012',
  region: 'eu-west-1',
  service: 'ec2.amazonaws.com',
  event: 'ModifyInstanceAttribute',
}

function passes(filters: Partial<Filters>, changes: Partial<FilterSubject> = {}): boolean {
  return compileFilters({ include: {}, exclude: {}, ...filters })({ ...subject, ...changes })
}

test('without filters everything passes', () => {
  expect(passes({})).toBe(true)
})

test('an included field must match one of its globs', () => {
  expect(passes({ include: { service: ['iam.*', 'ec2.*'] } })).toBe(true)
  expect(passes({ include: { service: ['iam.*', 's3.*'] } })).toBe(false)
})

test('every included field must match', () => {
  expect(passes({ include: { provider: ['aws'], region: ['eu-*'] } })).toBe(true)
  expect(passes({ include: { provider: ['aws'], region: ['us-*'] } })).toBe(false)
})

test('one excluded field is enough to drop', () => {
  expect(passes({ exclude: { region: ['us-*'], event: ['Modify*'] } })).toBe(false)
  expect(passes({ exclude: { region: ['us-*'], event: ['Delete*'] } })).toBe(true)
})

test('exclusion wins over inclusion', () => {
  expect(passes({ include: { event: ['*'] }, exclude: { event: ['ModifyInstance*'] } })).toBe(false)
})

test('a star crosses the slashes, dots and colons of operations and ARNs', () => {
  const event = 'Microsoft.Compute/virtualMachines/write'
  expect(passes({ include: { event: ['Microsoft.Compute/*'] } }, { event })).toBe(true)
  expect(passes({ include: { event: ['*/write'] } }, { event })).toBe(true)
  const actor = ['arn:aws:sts::123456789012:assumed-role/ci-deploy/session']
  expect(passes({ exclude: { actor: ['arn:*:assumed-role/ci-*'] } }, { actor })).toBe(false)
  expect(passes({ exclude: { actor: ['*'] } }, { actor: ['.hidden'] })).toBe(false)
})

test('case does not count', () => {
  expect(
    passes({ include: { event: ['microsoft.compute/*'] } }, { event: 'MICROSOFT.COMPUTE/DISKS/WRITE' }),
  ).toBe(true)
})

test('a leading exclamation mark is a letter, not a negation', () => {
  expect(passes({ include: { region: ['!us-*'] } })).toBe(false)
})

test('braces and character classes choose', () => {
  expect(passes({ include: { region: ['eu-{west,north}-[12]'] } })).toBe(true)
  expect(passes({ include: { region: ['eu-{south,north}-[12]'] } })).toBe(false)
})

test('the actor is not checked before the payload is read, and by each of its names afterwards', () => {
  const filters: Filters = { include: { actor: ['*@example.com'] }, exclude: { actor: ['bot-*'] } }
  expect(passes(filters)).toBe(true)
  expect(passes(filters, { actor: ['alice', 'alice@example.com'] })).toBe(true)
  expect(passes(filters, { actor: ['bot-7', 'bot-7@example.com'] })).toBe(false)
  expect(passes(filters, { actor: ['alice'] })).toBe(false)
  expect(passes(filters, { actor: [] })).toBe(false)
})

test('more distinct values than are remembered still get the right verdict', () => {
  const keep = compileFilters({ include: {}, exclude: { actor: ['*7'] } })
  for (let n = 0; n < 12_000; n++) {
    const actor = [`session-${n}`]
    expect(keep({ ...subject, actor })).toBe(n % 10 !== 7)
  }
})

test('a subject of known values costs under ten microseconds', () => {
  const keep = compileFilters({
    include: {
      provider: ['aws'],
      service: ['ec2.*', 'iam.*', 's3.*'],
      event: ['Modify*', 'Put*', 'Delete*'],
    },
    exclude: { region: ['us-gov-*'], account: ['9*'] },
  })
  keep(subject)
  const started = performance.now()
  for (let n = 0; n < 50_000; n++) keep(subject)
  expect(performance.now() - started).toBeLessThan(500)
})
