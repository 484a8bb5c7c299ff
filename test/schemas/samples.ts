import type { CountedEvent } from '../../schemas/counting-types.ts'
import type { SchemaName, SchemaRecords } from '../../schemas/index.ts'
import type {
  Actor,
  AlertResource,
  AttributeDiff,
  HeldAlert,
  RawEvent,
  StateResource,
  StatusChange,
} from '../../schemas/types.ts'

const diff: AttributeDiff = {
  attribute: 'instance_type',
  oldValue: '"t3.micro"',
  newValue: '"m5.large"',
  changeType: 'modified',
  sensitive: false,
}

const actor: Actor = {
  type: 'IAMUser',
  name: 'alice',
  email: 'alice@example.com',
  arn: 'arn:aws:iam::123456789012:user/alice',
  principalId: 'AIDAEXAMPLE',
  account: '123456789012',
  sessionIssuer: 'arn:aws:iam::123456789012:role/admin',
  tool: 'console',
  sourceIp: '203.0.113.10',
  mfa: true,
}

const resource: AlertResource = {
  address: 'aws_instance.web',
  type: 'aws_instance',
  name: 'web',
  id: 'i-0abc',
  arn: 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc',
  provider: 'aws',
  account: '123456789012',
  region: 'eu-west-1',
  state: { source: 's3://states/web', lineage: '3f2a', serial: 42 },
  alsoManagedBy: ['s3://states/other'],
}

const stateResource: StateResource = {
  address: 'aws_instance.web',
  type: 'aws_instance',
  name: 'web',
  provider: 'aws',
  account: '123456789012',
  region: 'eu-west-1',
  id: 'i-0abc',
  arn: 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc',
  deposedKey: '00000001',
  tainted: true,
  dependencies: ['aws_subnet.a'],
  directDependencies: ['aws_subnet.a'],
  attributes: '{"instance_type":"t3.micro"}',
}

const rawEvent: RawEvent = {
  eventId: 'e-1',
  provider: 'aws',
  account: '123456789012',
  region: 'eu-west-1',
  service: 'ec2.amazonaws.com',
  name: 'ModifyInstanceAttribute',
  time: 1_764_000_000_000,
  readOnly: false,
  failed: true,
  origin: 'log.json.gz#3',
  receivedAt: 1_764_000_001_000,
  payload: '{}',
}

const statusChange: StatusChange = {
  by: 'operator',
  actor: 'carol',
  at: '2026-03-01T11:00:00Z',
  reason: 'planned',
  until: '2026-03-02T00:00:00Z',
}

const countedEvent: CountedEvent = {
  id: 'a-1',
  eventId: 'e-1',
  time: 1_764_000_000_000,
  steps: [0],
  provider: 'aws',
  event: 'StopLogging',
  actor: 'alice',
  subject: 'aws_cloudtrail.main',
}

const heldAlert: HeldAlert = {
  sink: 'slack',
  alertId: 'a-1',
  driftId: 'd-1',
  status: 'open',
  severity: 'medium',
  cause: 'c-1',
  since: 1_764_000_005_000,
  place: 17,
  alert: Buffer.from([0, 0, 0, 0, 7, 1]),
}

/** One record of each schema in which nothing is null or empty: the compiler demands every field of the types. */
export const full: { [N in SchemaName]: SchemaRecords[N] } = {
  'raw-event': rawEvent,
  'state-snapshot': {
    source: 's3://states/web',
    lineage: '3f2a',
    serial: 42,
    capturedAt: 1_764_000_000_000,
    count: 3,
    resource: stateResource,
  },
  diff: {
    id: 'a-1',
    driftId: 'd-1',
    resourceKey: 'aws/123456789012/eu-west-1/aws_instance/i-0abc',
    type: 'attribute_drift',
    compared: true,
    address: 'aws_instance.web',
    stateSource: 's3://states/web',
    stateSerial: 42,
    eventId: 'e-1',
    eventName: 'ModifyInstanceAttribute',
    eventTime: '2026-03-01T10:00:01Z',
    diffs: [diff],
  },
  match: {
    id: 'a-1',
    driftId: 'd-1',
    resourceKey: 'aws/123456789012/eu-west-1/aws_instance/i-0abc',
    type: 'attribute_drift',
    severity: 'high',
    eventTime: '2026-03-01T10:00:01Z',
    matchedRules: [{ id: 'aws-001', name: 'Instance type changed', severity: 'high' }],
  },
  alert: {
    id: 'a-1',
    driftId: 'd-1',
    type: 'attribute_drift',
    status: 'open',
    severity: 'high',
    message: 'alice changed instance_type of aws_instance.web',
    resource,
    compared: true,
    diffs: [diff],
    matchedRules: [{ id: 'aws-001', name: 'Instance type changed', severity: 'high' }],
    actor,
    sourceEvent: {
      id: 'e-1',
      source: 'ec2.amazonaws.com',
      name: 'ModifyInstanceAttribute',
      time: '2026-03-01T10:00:01Z',
    },
    resourceTags: { Environment: 'production' },
    owner: 'platform',
    changeHistory: [
      { time: '2026-02-27T08:00:00Z', actor: 'bob', event: 'StopInstances', attributes: ['instance_state'] },
    ],
    blastRadius: { directDependents: 1, totalDependents: 2, addresses: ['aws_eip.web'] },
    remediation: ['Set instance_type back to t3.micro.'],
    revertCommand: 'aws ec2 modify-instance-attribute …',
    runbookUrl: 'https://runbooks.example/instance-type',
    references: ['ATT&CK T1578'],
    channels: ['slack'],
    pendingChannels: ['pager'],
    detectedAt: '2026-03-01T10:00:05Z',
    statusChange,
    resolvedBy: 'event',
  },
  'alert-status': {
    driftId: 'd-1',
    resourceKey: 'aws/123456789012/eu-west-1/aws_instance/i-0abc',
    address: 'aws_instance.web',
    status: 'open',
    since: '2026-03-01T10:00:01Z',
    verdicts: [{ slot: 'instance_type', time: '2026-03-01T10:00:01Z', eventId: 'e-1', differs: true }],
    alerts: [
      { id: 'a-1', status: 'suppressed', first: 'open', change: statusChange, alert: Buffer.from([0, 1]) },
    ],
    change: statusChange,
    toldAt: 1_764_000_004_000,
    eventKey: 'aws/123456789012/eu-west-1',
    causes: [{ eventId: 'e-1', event: Buffer.from([0, 2]) }],
    commands: ['c-1'],
    history: [
      {
        eventId: 'e-1',
        time: 1_772_359_201_000,
        actor: 'alice',
        event: 'ModifyInstanceAttribute',
        attributes: ['instance_type'],
      },
    ],
  },
  delivery: {
    sink: 'slack',
    alertId: 'a-1',
    status: 'open',
    outcome: 'delivered',
    attempts: 1,
    at: 1_764_000_005_000,
  },
  'pending-change': { partition: 3, since: 1_764_000_002_000, event: rawEvent },
  'counted-match': {
    rule: { id: 'acme-011', name: 'Trail stopped, then deleted', severity: 'critical' },
    version: '0f1e2d3c',
    kind: 'pattern',
    needed: 2,
    windowMs: 3_600_000,
    by: [{ name: 'actor', value: 'alice' }],
    match: countedEvent,
  },
  'count-window': {
    partition: 3,
    start: 1_763_999_200_000,
    windowMs: 3_600_000,
    touchedAt: 1_764_000_002_000,
    completedBy: 'a-1',
    matches: [countedEvent],
  },
  'held-alert': heldAlert,
}

const bareResource: AlertResource = { ...resource, address: null, name: null, arn: null, state: null }
const bareChange: StatusChange = { ...statusChange, actor: null, reason: null, until: null }
const bareActor: Actor = {
  ...actor,
  email: null,
  arn: null,
  principalId: null,
  account: null,
  sessionIssuer: null,
  sourceIp: null,
  mfa: null,
}
const bareDiff: AttributeDiff = { ...diff, oldValue: null, newValue: null }
const bareStateResource: StateResource = {
  ...stateResource,
  account: null,
  region: null,
  arn: null,
  deposedKey: null,
  directDependencies: null,
}

/** The same with every field null that may be, except for the resource, whose own fields are. */
export const bare: { [N in SchemaName]: SchemaRecords[N] } = {
  'raw-event': { ...full['raw-event'], readOnly: null },
  'state-snapshot': { ...full['state-snapshot'], count: null, resource: bareStateResource },
  diff: { ...full.diff, address: null, stateSource: null, stateSerial: null, diffs: [bareDiff] },
  match: full.match,
  alert: {
    ...full.alert,
    resource: bareResource,
    actor: bareActor,
    diffs: [bareDiff],
    owner: null,
    blastRadius: null,
    revertCommand: null,
    runbookUrl: null,
    statusChange: bareChange,
    resolvedBy: null,
  },
  'alert-status': {
    ...full['alert-status'],
    address: null,
    alerts: [{ id: 'a-1', status: 'open', first: null, change: bareChange, alert: null }],
    change: bareChange,
    toldAt: null,
    eventKey: null,
  },
  delivery: full.delivery,
  'pending-change': { ...full['pending-change'], event: { ...rawEvent, readOnly: null } },
  'counted-match': full['counted-match'],
  'count-window': { ...full['count-window'], completedBy: null },
  'held-alert': heldAlert,
}
