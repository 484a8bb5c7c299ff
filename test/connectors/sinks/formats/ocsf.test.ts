import { describe, expect, it } from 'vitest'
import { alertJson } from '../../../../connectors/alert-json.ts'
import { ocsf } from '../../../../connectors/sinks/formats/ocsf.ts'
import type { Alert, AlertState, Severity } from '../../../../schemas/types.ts'
import { anAlert, aSignal } from '../../an-alert.ts'
import { detectionFinding } from './ocsf-validator.ts'

function finding(alert: Alert) {
  const lines = ocsf([alertJson(alert)]).split('\n')
  expect(lines).toHaveLength(2)
  return detectionFinding.parse(JSON.parse(lines[0]!))
}

const bare = {
  ...anAlert().actor,
  email: null,
  arn: null,
  principalId: null,
  account: null,
  sessionIssuer: null,
  sourceIp: null,
  mfa: null,
}

describe('a detection finding', () => {
  it.each<[string, Partial<Alert>]>([
    ['of attribute drift', {}],
    [
      'of a resource without address, state and ARN',
      { resource: { ...anAlert().resource!, address: null, arn: null, state: null } },
    ],
    [
      'without rules, remediation and tags',
      { matchedRules: [], remediation: [], revertCommand: null, runbookUrl: null, resourceTags: {} },
    ],
    ['with a runbook only', { remediation: [], revertCommand: null }],
    ['of an unknown actor', { actor: { ...bare, name: '', type: '', tool: 'unknown' } }],
    ['without diffs', { diffs: [], compared: false }],
  ])('%s has every attribute that the class requires and none of another', (_, changes) => {
    finding(anAlert(changes))
  })

  it("of a signal has Falco's rule and words, no resource, call or cloud", () => {
    const { resources, cloud, evidences, finding_info, message } = finding(aSignal())
    expect([resources, cloud, evidences[0]!.api]).toEqual([undefined, undefined, undefined])
    expect(finding_info).toMatchObject({
      types: ['signal'],
      title: 'signal: Terminal shell in container',
      analytic: { type: 'Rule', name: 'Terminal shell in container' },
      data_sources: ['syscall'],
    })
    expect(evidences[0]!.data).toMatchObject({ source: 'syscall', name: 'Terminal shell in container' })
    expect(message).toBe(aSignal().message)
    const byRule = finding(aSignal({ matchedRules: [{ id: 'f-1', name: 'A shell', severity: 'high' }] }))
    expect(byRule.finding_info.analytic).toMatchObject({ uid: 'f-1', name: 'A shell' })
  })

  it.each<[AlertState, number, number, boolean]>([
    ['open', 200401, 1, true],
    ['changed', 200402, 1, true],
    ['acknowledged', 200402, 2, true],
    ['suppressed', 200402, 3, false],
    ['expired', 200403, 5, false],
    ['resolved', 200403, 4, false],
  ])('that is %s has type %i and status %i', (status, type, statusId, isAlert) => {
    const made = finding(anAlert({ status }))
    expect([made.type_uid, made.status_id, made.is_alert]).toEqual([type, statusId, isAlert])
    expect(made.finding_info.uid).toBe(anAlert().id)
    expect(made.metadata.uid).toBe(`${anAlert().id}:${status}`)
  })

  it.each<[Severity, number]>([
    ['info', 1],
    ['low', 2],
    ['medium', 3],
    ['high', 4],
    ['critical', 5],
  ])('of severity %s has severity_id %i', (severity, id) => {
    expect(finding(anAlert({ severity })).severity_id).toBe(id)
  })

  it.each([
    ['aws', 'AWS', 10],
    ['gcp', 'GCP', 11],
    ['azure', 'Azure', 13],
  ])('of %s names the cloud and the kind of its account', (provider, name, type) => {
    const { cloud } = finding(anAlert({ resource: { ...anAlert().resource!, provider } }))
    expect(cloud).toMatchObject({ provider: name, account: { uid: '123456789012', type_id: type } })
  })

  it('takes the name of a service for no address', () => {
    const actor = { ...anAlert().actor, sourceIp: 'autoscaling.amazonaws.com' }
    expect(finding(anAlert({ actor })).evidences[0]!.src_endpoint).toEqual({
      svc_name: 'autoscaling.amazonaws.com',
    })
  })

  it('keeps times as epoch milliseconds, the event apart from its detection', () => {
    const made = finding(anAlert())
    expect(made.time).toBe(Date.parse('2026-03-01T10:00:03.250Z'))
    expect(made.start_time).toBe(Date.parse('2026-03-01T10:00:01Z'))
  })

  it('names the first rule as its analytic and the others beside it', () => {
    const matchedRules = ['a', 'b', 'c'].map((id) => ({ id, name: `rule ${id}`, severity: 'high' as const }))
    const { analytic, related_analytics } = finding(anAlert({ matchedRules })).finding_info
    expect([analytic, ...related_analytics!].map((one) => one.uid)).toEqual(['a', 'b', 'c'])
  })

  it('carries the whole alert', () => {
    expect(finding(anAlert()).unmapped.tfdrift).toEqual(alertJson(anAlert()))
  })
})

it('is one line an alert', () => {
  const alerts = ['a', 'b', 'c'].map((id) => alertJson(anAlert({ id, message: 'two\nlines' })))
  expect(ocsf(alerts).trimEnd().split('\n')).toHaveLength(3)
  expect(ocsf([])).toBe('')
})
