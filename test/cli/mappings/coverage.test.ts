import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Coverage, coverageOf, placeOf } from '../../../cli/mappings/coverage.ts'
import { createLogCoverage } from '../../../cli/mappings/log-coverage.ts'
import { type Case, loadCases } from '../../../cli/mappings/read-cases.ts'
import { readEvents } from '../../../connectors/sources/read-events.ts'
import { createMappings, loadMappings } from '../../../mappings/index.ts'
import { aCase } from './a-case.ts'
import { coveragePage } from './coverage-page.ts'

/** What is claimed. Raise them with the mappings. */
const COMPARED = { aws: 160, gcp: 60, azure: 15 }
/** Mapped calls without a case that expects an alert of them. None is the aim. */
const WITHOUT_CASE = { aws: 1, gcp: 9, azure: 0 }

describe('the shipped mappings', () => {
  let coverage: Coverage
  beforeAll(async () => {
    coverage = await coverageOf(loadMappings(), loadCases())
  }, 240_000)

  it.each(Object.entries(COMPARED))('of %s compare at least %i calls', (provider, least) => {
    expect(of(provider).compared).toBeGreaterThanOrEqual(least)
  })

  it.each(Object.entries(WITHOUT_CASE))('of %s map at most %i calls without a case', (provider, most) => {
    const calls = coverage.calls.filter((call) => call.provider === provider && call.status === 'mapped')
    expect(calls.length, calls.map(({ call }) => call).join(', ')).toBeLessThanOrEqual(most)
  })

  it('are those of docs/coverage.md; to renew it: npm run docs:coverage', async () => {
    const file = path.resolve(import.meta.dirname, '../../../docs/coverage.md')
    await expect(coveragePage(coverage)).toMatchFileSnapshot(file)
  })

  function of(provider: string) {
    return coverage.providers.find((sum) => sum.provider === provider)!
  }
})

const mappings = createMappings([
  {
    file: 'aws/test.yaml',
    text: `service: ec2.amazonaws.com
calls:
  A: [{ create: aws_vpc, id: id }]
  B: [{ create: aws_vpc, id: id }]
noEffect: [C]`,
  },
])
const call = (eventName: string) => ({ eventSource: 'ec2.amazonaws.com', eventName })
const alert = { resource: 'aws_vpc', type: 'unmanaged_resource' as const }

describe('a call', () => {
  const statuses = async (...written: Case[]) => {
    const { calls } = await coverageOf(mappings, written)
    return Object.fromEntries(calls.map(({ call, status }) => [call, status]))
  }

  it('is compared where a case expects an alert of it, and names that case', async () => {
    const one = aCase({ name: 'a network', event: call('A'), expect: [alert] })
    expect(await statuses(one)).toEqual({ A: 'compared', B: 'mapped', C: 'noEffect' })
    const { calls, services, providers } = await coverageOf(mappings, [one])
    const sums = { provider: 'aws', compared: 1, mapped: 1, noEffect: 1 }
    expect(calls[0]).toMatchObject({ call: 'A', fixture: { file: one.file, name: 'a network' } })
    expect(services).toEqual([{ ...sums, service: 'ec2' }])
    expect(providers).toEqual([sums])
  })

  it('is only mapped where its cases are quiet, failed or of other calls, too', async () => {
    const quiet = aCase({ event: call('A'), expect: [] })
    const failed = aCase({ event: { ...call('A'), errorCode: 'Denied' }, expect: [alert] })
    const both = aCase({ events: [call('A'), call('B')], expect: [alert] })
    expect(await statuses(quiet, failed, both)).toEqual({ A: 'mapped', B: 'mapped', C: 'noEffect' })
  })

  it('without effect stays so, whatever a case expects', async () => {
    expect(await statuses(aCase({ event: call('C'), expect: [alert] }))).toMatchObject({ C: 'noEffect' })
  })

  it.each([
    ['ec2.amazonaws.com', 'aws', 'ec2'],
    ['compute.googleapis.com', 'gcp', 'compute'],
    ['microsoft.network', 'azure', 'network'],
    ['Microsoft.KeyVault', 'azure', 'KeyVault'],
  ])('of %s is one of %s, %s', (service, provider, name) => {
    expect(placeOf(service)).toEqual({ provider, service: name })
  })
})

it('R50 in logs events are counted by call, most frequent first, and those that change nothing apart', async () => {
  const coverage = await coverageOf(mappings, [aCase({ event: call('A'), expect: [alert] })])
  const log = createLogCoverage(mappings, coverage)
  const records = [
    ...['A', 'B', 'B', 'C', 'D'].map(call),
    { ...call('A'), readOnly: true },
    { ...call('A'), errorCode: 'Denied' },
    { ...call('A'), requestParameters: { dryRun: true } },
  ].map((record, i) => ({ ...record, eventID: `${i}`, eventTime: '2026-03-02T10:15:30Z' }))
  const context = { origin: 'log', receivedAt: 0, hashKey: Buffer.alloc(32) }
  for (const reading of await readEvents(Buffer.from(JSON.stringify(records)), context)) {
    if ('event' in reading) log.add(reading.event)
  }
  const ec2 = { provider: 'aws', service: 'ec2' }
  expect(log.result()).toEqual({
    events: 8,
    passedOver: { 'read-only': 1, failed: 1, 'no-effect': 1 },
    totals: { compared: 1, mapped: 2, noEffect: 1, unmapped: 1 },
    calls: [
      { ...ec2, call: 'B', status: 'mapped', events: 2 },
      { ...ec2, call: 'A', status: 'compared', events: 1 },
      { ...ec2, call: 'C', status: 'noEffect', events: 1 },
      { ...ec2, call: 'D', status: 'unmapped', events: 1 },
    ],
  })
})
