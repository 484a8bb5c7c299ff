import { describe, expect, it } from 'vitest'
import { createCollector } from '../../cli/detect/collect-findings.ts'
import type { JsonObject } from '../../processors/finding.ts'
import { createMatcher } from '../../processors/match.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import { corpora } from '../connectors/sources/corpora.ts'
import { context } from '../support/detect.ts'
import { bytesOf, tableOf } from './files.ts'
import {
  keyOf,
  type Label,
  labelled,
  NO_IDENTIFIER,
  type Recorded,
  readingsOf,
  recorded,
  unfound,
} from './labels.ts'
import { indexOf, rowsIn } from './state-rows.ts'

/** The share of labelled changes whose resource is found by type and id, to be raised with the mappings; 1 lists the rest. */
const FOUND = 0.9

const folders = {
  cloudtrail: ['panther', 'streamalert', 'eventbridge-c7n-cwe'],
  gcp: ['panther', 'security-analytics'],
  azure: ['panther'],
}
const quiet = new Set(['read', 'data', 'runtime'])
const changing = new Set(['create', 'change', 'delete', 'tag', 'child-add', 'child-remove'])

/** What `detect` makes of these records, each by itself, against all the recorded states. */
function alertsOf(records: readonly Recorded[]) {
  const read = tableOf<'path' | 'verdict'>('states', 'expected.tsv').filter(
    ({ verdict }) => verdict === 'read',
  )
  const states = indexOf(read.flatMap(({ path }) => rowsIn(bytesOf('states', path), path)))
  const pipeline = createPipeline({ context, matcher: createMatcher([]), admits: () => true })
  return records.flatMap(({ origin, label, readings }) => {
    const collector = createCollector(pipeline, states)
    for (const reading of readings) if ('event' in reading) collector.add(reading.event)
    return collector.alerts(new Date(0)).map(({ message }) => ({ origin, label, message }))
  })
}

/** The dead letters among the readings; a record whose time was taken out can be nothing else. */
function faultsIn({ origin, record, readings }: Recorded): string[] {
  const isTimeless = !/\d/.test([record.eventTime, record.timestamp, record.time].join())
  return readings.flatMap((one) => {
    if (!('deadLetter' in one) || (isTimeless && one.deadLetter.code === 'no-time')) return []
    return [`${origin}: ${one.deadLetter.message}`]
  })
}

const policyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const label: Label = {
  cloud: 'aws',
  service: 'iam.amazonaws.com',
  event: 'AttachRolePolicy',
  verdict: 'child-add',
  terraform_type: 'aws_iam_role_policy_attachment,aws_iam_role',
  id_where: 'requestParameters.roleName + requestParameters.policyArn',
  note: '-',
}

/** The yardstick for recorded calls, on one that needs no folder. */
async function reason(changes: Partial<Label>, record: JsonObject = {}): Promise<string | null> {
  const whole = {
    eventID: 'one',
    eventTime: '2026-03-01T10:00:00Z',
    eventSource: 'iam.amazonaws.com',
    eventName: 'AttachRolePolicy',
    recipientAccountId: '123456789012',
    requestParameters: { roleName: 'app', policyArn },
    ...record,
  }
  const readings = await readingsOf(whole, 'test')
  const one = { origin: 'test', label, record: whole, readings }
  return unfound({ ...label, ...changes }, [one], context)
}

it('a call whose type and id the mappings tell is found, a failed one too', async () => {
  expect(await reason({})).toBeNull()
  expect(await reason({}, { errorCode: 'AccessDenied' })).toBeNull()
  expect(await reason({ id_where: 'requestParameters.none | requestParameters.roleName' })).toBeNull()
})

it('what is not found has its reason', async () => {
  expect(await reason({ terraform_type: 'aws_iam_user' })).toMatch(/^other types: .*aws_iam_role/)
  expect(await reason({ id_where: 'eventID' })).toMatch(/^other names: .*app/)
  expect(await reason({}, { eventName: 'NobodyMapsThis' })).toBe('unmapped')
  expect(await reason({}, { eventTime: 'redacted' })).toBe('not read as an event')
})

it.each(['...', '<redacted>', '***', '', null])('an id of %j is none', async (roleName) => {
  expect(await reason({}, { requestParameters: { roleName, policyArn } })).toBe(NO_IDENTIFIER)
})

if (corpora)
  describe('recorded events', () => {
    const all = Promise.all(Object.entries(folders).map(([folder, files]) => recorded(folder, files)))
    const everything = async () => (await all).flat()

    it('are read, and judged without an error', async () => {
      const records = await everything()
      expect(records.length).toBeGreaterThan(900)
      expect(records.flatMap(faultsIn)).toEqual([])
      expect(() => alertsOf(records)).not.toThrow()
    })

    it('have labels, those of AWS and Google', async () => {
      const [aws = [], gcp = []] = await all
      expect([...aws, ...gcp].filter(({ label }) => !label).map(({ origin }) => origin)).toEqual([])
    })

    it('give no alert where they read, are of data or of what runs', async () => {
      const records = (await everything()).filter(({ label }) => label && quiet.has(label.verdict))
      expect(records.length).toBeGreaterThan(200)
      const alerts = alertsOf(records)
      expect(alerts.map(({ origin, label, message }) => `${origin} ${keyOf(label!)}: ${message}`)).toEqual([])
    })

    it(`lead to their resource by type and id, ${FOUND * 100} % of those that change one and tell its id`, async () => {
      const records = await everything()
      const labels = labelled().filter(({ verdict }) => changing.has(verdict))
      const reasons = labels.map((label) => {
        const own = records.filter((one) => one.label && keyOf(one.label) === keyOf(label))
        return [keyOf(label), unfound(label, own, context)] as const
      })
      const telling = reasons.filter(([, reason]) => reason !== NO_IDENTIFIER)
      expect(telling.length).toBeGreaterThan(150)
      const missing = reasons.filter(([, reason]) => reason !== null).map((one) => one.join(': '))
      const share = telling.filter(([, reason]) => reason === null).length / telling.length
      expect(share, missing.join('\n')).toBeGreaterThanOrEqual(FOUND)
    })
  })
