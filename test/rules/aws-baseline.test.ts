import { describe, expect, it } from 'vitest'
import type { ResourceFinding } from '../../processors/finding.ts'
import { createMatcher } from '../../processors/match.ts'
import { loadRules } from '../../processors/rules/load.ts'
import { readRuleFiles, shippedRulesDir } from '../../rules/index.ts'
import { aCall, aDiff, aFinding, aRow, aSecretDiff } from '../processors/a-finding.ts'

const files = readRuleFiles([shippedRulesDir]).filter(({ path }) => path.endsWith('aws-baseline.yaml'))
const { rules, errors } = loadRules(files)
const match = createMatcher(rules)

function finding(type: string, overrides: Partial<ResourceFinding>, attributes = {}): ResourceFinding {
  const row = aRow(attributes, type)
  const base = aFinding({ row, ...overrides })
  return { ...base, resource: { ...base.resource, type } }
}

const drift = (type: string, ...diffs: ResourceFinding['diffs']) => finding(type, { diffs })
const whole = (type: string, kind: ResourceFinding['type'], attributes = {}) =>
  finding(type, { type: kind, diffs: [] }, attributes)
const production = { tags: { Environment: 'production' } }

/** Per rule what it must and must not match. */
const examples: Record<string, { yes: ResourceFinding; no: ResourceFinding }> = {
  'aws-101': {
    yes: drift('aws_cloudtrail', aDiff('enable_logging', true, false)),
    no: drift('aws_cloudtrail', aDiff('enable_logging', false, true)),
  },
  'aws-102': {
    yes: drift('aws_s3_bucket_public_access_block', aDiff('block_public_policy', true, false)),
    no: drift('aws_s3_bucket_public_access_block', aDiff('block_public_policy', false, true)),
  },
  'aws-103': {
    yes: drift('aws_s3_bucket_policy', aDiff('policy', [], [{ Effect: 'Allow' }])),
    no: drift('aws_s3_bucket', aDiff('policy', [], [{ Effect: 'Allow' }])),
  },
  'aws-104': {
    yes: drift('aws_security_group', aDiff('ingress', undefined, [{ from_port: 22 }])),
    no: drift('aws_security_group', aDiff('egress', undefined, [{ from_port: 22 }])),
  },
  'aws-105': {
    yes: whole('aws_vpc_security_group_ingress_rule', 'unmanaged_resource'),
    no: whole('aws_vpc_security_group_ingress_rule', 'resource_deleted'),
  },
  'aws-106': {
    yes: drift('aws_iam_role', aDiff('assume_role_policy', [], [{ Effect: 'Allow' }])),
    no: drift('aws_iam_role', aDiff('description', 'a', 'b')),
  },
  'aws-107': {
    yes: whole('aws_iam_role_policy_attachment', 'unmanaged_resource'),
    no: whole('aws_iam_role_policy_attachment', 'resource_deleted'),
  },
  'aws-108': {
    yes: drift('aws_db_instance', aDiff('publicly_accessible', false, true)),
    no: drift('aws_db_instance', aDiff('publicly_accessible', true, false)),
  },
  'aws-109': {
    yes: drift('aws_db_instance', aDiff('deletion_protection', true, false)),
    no: drift('aws_db_instance', aDiff('deletion_protection', false, true)),
  },
  'aws-110': {
    yes: drift('aws_db_instance', aSecretDiff),
    no: drift('aws_db_instance', aDiff('iops', 1000, 2000)),
  },
  'aws-111': {
    yes: whole('aws_instance', 'resource_deleted', production),
    no: whole('aws_instance', 'resource_deleted', { tags: { Environment: 'test' } }),
  },
  'aws-112': {
    yes: finding('aws_lambda_function', {
      diffs: [aDiff('timeout', 3, 60)],
      call: aCall({ name: 'UpdateFunctionConfiguration' }),
    }),
    no: finding('aws_lambda_function', {
      diffs: [aDiff('timeout', 3, 60)],
      call: aCall({ name: 'TagResource' }),
    }),
  },
  'aws-113': {
    yes: drift('aws_instance', aDiff('instance_type', 't3.small', 't3.large')),
    no: drift('aws_instance', aDiff('ebs_optimized', false, true)),
  },
  'aws-114': {
    yes: drift('aws_ebs_volume', aDiff('tags.Environment', 'production', 'test')),
    no: drift('aws_ebs_volume', aDiff('tags.Name', 'a', 'b')),
  },
  'aws-115': {
    yes: drift('aws_ebs_volume', aDiff('size', 100, 200)),
    no: drift('aws_ebs_volume', aDiff('iops', 100, 200)),
  },
}

describe('the baseline pack', () => {
  it('loads without fault, and every rule has an example here', () => {
    expect(errors).toEqual([])
    expect(rules.map(({ id }) => id).sort()).toEqual(Object.keys(examples).sort())
  })

  it.each(Object.entries(examples))(
    '%s matches its positive example and not its negative one',
    (id, { yes, no }) => {
      expect(match(yes).matchedRules.map((rule) => rule.id)).toContain(id)
      expect(match(no).matchedRules.map((rule) => rule.id)).not.toContain(id)
    },
  )
})
