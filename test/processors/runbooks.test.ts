import { describe, expect, it } from 'vitest'
import { compileRunbooks, placeholdersIn, type RunbookTemplate } from '../../processors/runbooks.ts'
import { aFinding, aRow, aSignalFinding } from './a-finding.ts'

const runbookOf = (templates: RunbookTemplate[], finding = aFinding(), ruleId: string | null = 'aws-001') =>
  compileRunbooks(templates)(finding, ruleId)

describe('a runbook template', () => {
  it('is of the first that fits: by type and provider', () => {
    const templates = [
      { resource_types: ['aws_iam_*', 'aws_kms_key'], template: 'https://wiki/iam' },
      { provider: 'gcp', template: 'https://wiki/gcp' },
      { provider: 'aws', resource_types: ['aws_instance'], template: 'https://wiki/ec2' },
      { template: 'https://wiki/all' },
    ]
    expect(runbookOf(templates)).toBe('https://wiki/ec2')
    expect(runbookOf(templates, aFinding({ row: aRow({}, 'aws_iam_role') }))).toBe('https://wiki/iam')
    expect(runbookOf(templates, aFinding({ row: aRow({}, 'aws_kms_key') }))).toBe('https://wiki/iam')
    expect(runbookOf(templates, aFinding({ row: aRow({}, 'aws_kms_keys') }))).toBe('https://wiki/all')
    expect(runbookOf(templates.slice(0, 2))).toBeNull()
  })

  it('is filled in, and what comes from outside stays one part of the address', () => {
    const row = { ...aRow(), address: 'aws_instance.web["a/b?c"]', name: 'web' }
    const template =
      'https://wiki.example.com/{provider}/{type}/{rule_id}?a={account}&r={region}&i={id}&n={name}&x={address}&e={event}&t={alert_type}'
    expect(runbookOf([{ template }], aFinding({ row }), 'aws/001')).toBe(
      'https://wiki.example.com/aws/aws_instance/aws%2F001?a=123456789012&r=eu-west-1&i=i-0abc&n=web&x=aws_instance.web%5B%22a%2Fb%3Fc%22%5D&e=ModifyInstanceAttribute&t=attribute_drift',
    )
  })

  it('is passed over where a placeholder stands for nothing', () => {
    const templates = [{ template: 'https://wiki/{rule_id}' }, { template: 'https://wiki/{type}' }]
    expect(runbookOf(templates, aFinding(), null)).toBe('https://wiki/aws_instance')
    expect(runbookOf(templates.slice(0, 1), aFinding(), null)).toBeNull()
  })

  it('is for signals where it asks for no type', () => {
    const templates = [
      { resource_types: ['*'], template: 'https://wiki/resource' },
      { template: 'https://wiki/{type}' },
      { provider: 'falco', template: 'https://wiki/falco/{event}' },
    ]
    expect(runbookOf(templates, aSignalFinding() as never)).toBe(
      'https://wiki/falco/Terminal%20shell%20in%20container',
    )
  })

  it('tells its placeholders', () => {
    expect(placeholdersIn('https://wiki/{type}/{rule id}/{}')).toEqual(['type', 'rule id', ''])
  })
})
