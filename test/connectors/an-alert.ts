import { createHash } from 'node:crypto'
import { type AlertJson, alertJson } from '../../connectors/alert-json.ts'
import type { Alert, AttributeDiff } from '../../schemas/types.ts'

/** An alert with everything in it. `id` is any text: the alert's id is its hash, as in life. */
export function anAlert({ id = 'one', ...changes }: Partial<Alert> = {}): Alert {
  return {
    id: hash(id),
    driftId: hash(`drift of ${id}`),
    type: 'attribute_drift',
    status: 'open',
    severity: 'critical',
    message: 'alice changed metadata_options[0].http_tokens from "required" to "optional"',
    resource: {
      address: 'module.net.aws_instance.web["a"]',
      type: 'aws_instance',
      name: 'web',
      id: 'i-0abc',
      arn: 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc',
      provider: 'aws',
      account: '123456789012',
      region: 'eu-west-1',
      state: { source: 's3://states/net.tfstate', lineage: 'd1', serial: 42 },
      alsoManagedBy: [],
    },
    compared: true,
    diffs: [aDiff({})],
    matchedRules: [{ id: 'aws-001', name: 'IMDSv2 is not required', severity: 'critical' }],
    actor: {
      type: 'IAMUser',
      name: 'alice',
      email: 'alice@example.com',
      arn: 'arn:aws:iam::123456789012:user/alice',
      principalId: 'AIDA1',
      account: '123456789012',
      sessionIssuer: 'arn:aws:iam::123456789012:role/Admin',
      tool: 'console',
      sourceIp: '203.0.113.10',
      mfa: false,
    },
    sourceEvent: {
      id: '6f1c',
      source: 'ec2.amazonaws.com',
      name: 'ModifyInstanceMetadataOptions',
      time: '2026-03-01T10:00:01Z',
    },
    resourceTags: { Environment: 'production' },
    owner: null,
    changeHistory: [],
    blastRadius: null,
    remediation: ['Require IMDSv2 again.'],
    revertCommand: 'aws ec2 modify-instance-metadata-options --instance-id i-0abc --http-tokens required',
    runbookUrl: 'https://runbooks.example.com/imds',
    references: [],
    channels: [],
    pendingChannels: [],
    detectedAt: '2026-03-01T10:00:03.250Z',
    statusChange: null,
    resolvedBy: null,
    ...changes,
  }
}

/** Values are given as JSON values; leave one out for an absent side. */
export function aDiff(diff: {
  attribute?: string
  oldValue?: unknown
  newValue?: unknown
  changeType?: AttributeDiff['changeType']
  sensitive?: boolean
}): AttributeDiff {
  const { attribute = 'metadata_options[0].http_tokens', changeType = 'modified', sensitive = false } = diff
  const values =
    'oldValue' in diff || 'newValue' in diff ? diff : { oldValue: 'required', newValue: 'optional' }
  const text = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
  return {
    attribute,
    oldValue: text(values.oldValue),
    newValue: text(values.newValue),
    changeType,
    sensitive,
  }
}

export function anAlertJson(changes: Partial<Alert> = {}): AlertJson {
  return alertJson(anAlert(changes))
}

/** A finding of Falco that names no cloud resource. */
export function aSignal(changes: Partial<Alert> = {}): Alert {
  return anAlert({
    type: 'signal',
    severity: 'medium',
    message: 'Falco found "Terminal shell in container" on falco-0: A shell was spawned in a container',
    resource: null,
    diffs: [],
    matchedRules: [],
    resourceTags: {},
    remediation: [],
    revertCommand: null,
    runbookUrl: null,
    actor: {
      type: '',
      name: 'unknown',
      email: null,
      arn: null,
      principalId: null,
      account: null,
      sessionIssuer: null,
      tool: 'unknown',
      sourceIp: null,
      mfa: null,
    },
    sourceEvent: {
      id: 'f1',
      source: 'syscall',
      name: 'Terminal shell in container',
      time: '2026-03-01T10:00:01.123456789Z',
    },
    ...changes,
  })
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
