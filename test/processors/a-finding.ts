import type {
  CloudCall,
  Json,
  JsonObject,
  ResourceFinding,
  Signal,
  SignalFinding,
  StateRow,
} from '../../processors/finding.ts'
import { loadRules } from '../../processors/rules/load.ts'
import type { Rule } from '../../processors/rules/schema.ts'
import type { Actor, AttributeDiff } from '../../schemas/types.ts'

export function anActor(overrides: Partial<Actor> = {}): Actor {
  return {
    type: 'IAMUser',
    name: 'alice',
    email: null,
    arn: 'arn:aws:iam::123456789012:user/alice',
    principalId: 'AIDAEXAMPLE',
    account: '123456789012',
    sessionIssuer: null,
    tool: 'cli',
    sourceIp: '203.0.113.10',
    mfa: true,
    ...overrides,
  }
}

export function aCall(overrides: Partial<CloudCall> = {}): CloudCall {
  const name = overrides.name ?? 'ModifyInstanceAttribute'
  return {
    eventId: 'event-1',
    provider: 'aws',
    account: '123456789012',
    region: 'eu-west-1',
    service: 'ec2.amazonaws.com',
    name,
    time: Date.parse('2026-03-01T10:00:01Z'),
    actor: anActor(),
    sourceEvent: { id: 'event-1', source: 'ec2.amazonaws.com', name, time: '2026-03-01T10:00:01Z' },
    request: {},
    response: {},
    ...overrides,
  }
}

/** A diff of JSON values; undefined is absent. */
export function aDiff(attribute: string, before?: Json, after?: Json): AttributeDiff {
  return {
    attribute,
    oldValue: before === undefined ? null : JSON.stringify(before),
    newValue: after === undefined ? null : JSON.stringify(after),
    changeType: before === undefined ? 'added' : after === undefined ? 'removed' : 'modified',
    sensitive: false,
  }
}

export const aSecretDiff: AttributeDiff = {
  attribute: 'password',
  oldValue: null,
  newValue: null,
  changeType: 'modified',
  sensitive: true,
}

export function aRow(attributes: JsonObject = {}, type = 'aws_instance'): StateRow {
  return {
    key: `lineage|${type}.web`,
    source: 's3://bucket/key',
    lineage: 'lineage',
    serial: 42,
    address: `${type}.web`,
    type,
    name: 'web',
    account: '123456789012',
    region: 'eu-west-1',
    id: 'i-0abc',
    arn: null,
    deposedKey: null,
    dependencies: [],
    directDependencies: [],
    attributes,
  }
}

/** Termination protection was switched off on a managed instance, unless told otherwise. */
export function aFinding(overrides: Partial<ResourceFinding> = {}): ResourceFinding {
  const row = overrides.row === undefined ? aRow() : overrides.row
  return {
    id: 'alert-1',
    driftId: 'drift-1',
    resourceKey: 'aws/123456789012/eu-west-1/aws_instance/i-0abc',
    type: 'attribute_drift',
    compared: true,
    diffs: [aDiff('disable_api_termination', true, false)],
    verdicts: [],
    resource: {
      address: row?.address ?? null,
      type: row?.type ?? 'aws_instance',
      name: row?.name ?? null,
      id: 'i-0abc',
      arn: null,
      provider: 'aws',
      account: '123456789012',
      region: 'eu-west-1',
      state: row && { source: row.source, lineage: row.lineage, serial: row.serial },
      alsoManagedBy: [],
    },
    row,
    call: aCall(),
    signal: null,
    apiNames: {},
    revertCommand: null,
    ...overrides,
  }
}

/** Falco saw a shell in a container, unless told otherwise. */
export function aSignalFinding(overrides: Partial<Signal> = {}): SignalFinding {
  const name = overrides.name ?? 'Terminal shell in container'
  const signal: Signal = {
    ...aCall({ provider: 'falco', account: 'falco-0', region: 'global', service: 'syscall', name }),
    actor: anActor({ type: '', name: 'root', arn: null, principalId: null, account: null, tool: 'unknown' }),
    priority: 'warning',
    tags: ['container', 'mitre_execution'],
    text: 'A shell was spawned in a container',
    tooLittle: false,
    ...overrides,
  }
  return {
    ...aFinding({ row: null, diffs: [], type: 'signal', resourceKey: 'falco/falco-0' }),
    compared: !signal.tooLittle,
    resource: null,
    call: signal,
    signal,
  }
}

/** Rules from YAML; throws if one of them is faulty. */
export function rulesOf(yaml: string): Rule[] {
  const { rules, errors } = loadRules([{ path: 'test.yaml', text: yaml }])
  if (errors.length > 0) throw new Error(JSON.stringify(errors, null, 2))
  return rules
}

/** One rule on aws_instance with these lines added; conditions default to "tags changed". */
export function aRule(lines = '', id = 'r1'): Rule {
  const conditions = /^(conditions|expression|events|types):/m.test(lines)
    ? ''
    : 'conditions: [{ attribute: disable_api_termination, operator: changed }]'
  const fields = [
    `id: ${id}`,
    `name: Rule ${id}`,
    ...(/^resource_types:|types: \[signal/m.test(lines) ? [] : ['resource_types: [aws_instance]']),
    ...(/^severity:/m.test(lines) ? [] : ['severity: high']),
    conditions,
    ...lines.split('\n'),
  ].filter((line) => line.trim() !== '')
  return rulesOf(`rules:\n  -\n${fields.map((line) => `    ${line}`).join('\n')}\n`)[0]!
}

/** A rule of one event after the other, within an hour by one actor; `steps` as YAML. */
export function aPattern(steps: string, id = 'chain'): Rule {
  const pattern = `pattern: { window: 1h, by: [actor], steps: ${steps} }`
  return rulesOf(`rules: [{ id: ${id}, name: Rule ${id}, severity: critical, ${pattern} }]`)[0]!
}
