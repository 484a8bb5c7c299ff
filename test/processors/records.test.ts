import { expect, it } from 'vitest'
import { createMatcher } from '../../processors/match.ts'
import { toDiff, toMatch } from '../../processors/records.ts'
import { aCall, aFinding, aRule, aSecretDiff, aSignalFinding } from './a-finding.ts'

it('toDiff makes the record of tfdrift.diffs', () => {
  const finding = aFinding()
  expect(toDiff(finding)).toEqual({
    id: 'alert-1',
    driftId: 'drift-1',
    resourceKey: 'aws/123456789012/eu-west-1/aws_instance/i-0abc',
    type: 'attribute_drift',
    compared: true,
    address: 'aws_instance.web',
    stateSource: 's3://bucket/key',
    stateSerial: 42,
    eventId: 'event-1',
    eventName: 'ModifyInstanceAttribute',
    eventTime: '2026-03-01T10:00:01Z',
    diffs: finding.diffs,
  })
})

it('toDiff names no state where none holds the resource, and no sensitive value', () => {
  expect(toDiff(aFinding({ row: null, call: aCall() }))).toMatchObject({
    address: null,
    stateSource: null,
    stateSerial: null,
  })
  expect(toDiff(aFinding({ diffs: [{ ...aSecretDiff, newValue: '"hunter2"' }] })).diffs).toEqual([
    aSecretDiff,
  ])
})

it('toDiff of a signal names neither resource nor state', () => {
  expect(toDiff(aSignalFinding())).toMatchObject({
    type: 'signal',
    resourceKey: 'falco/falco-0',
    address: null,
    stateSource: null,
    stateSerial: null,
    diffs: [],
  })
})

it('toMatch makes the record of tfdrift.matches', () => {
  const finding = aFinding()
  expect(toMatch(finding, createMatcher([aRule()])(finding))).toEqual({
    id: 'alert-1',
    driftId: 'drift-1',
    resourceKey: 'aws/123456789012/eu-west-1/aws_instance/i-0abc',
    type: 'attribute_drift',
    severity: 'high',
    eventTime: '2026-03-01T10:00:01Z',
    matchedRules: [{ id: 'r1', name: 'Rule r1', severity: 'high' }],
  })
})
