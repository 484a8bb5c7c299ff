/** The records of the topics in TypeScript. A test keeps them in step with the .avsc files. */

import type { AlertState, StatusChange } from './drift-types.ts'

export type * from './drift-types.ts'

/** `tfdrift`: an operator's command, which is an event like any other. */
export type Provider = 'aws' | 'gcp' | 'azure' | 'falco' | 'tfdrift'
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info'
export type AlertType = 'attribute_drift' | 'unmanaged_resource' | 'resource_deleted' | 'signal'
export type ChangeType = 'added' | 'modified' | 'removed'
export type Tool = 'console' | 'cli' | 'sdk' | 'terraform' | 'service' | 'unknown'

/** tfdrift.raw-events */
export interface RawEvent {
  eventId: string
  provider: Provider
  account: string
  region: string
  service: string
  name: string
  /** Epoch milliseconds. */
  time: number
  readOnly: boolean | null
  failed: boolean
  origin: string
  receivedAt: number
  payload: string
}

/** tfdrift.state-snapshot */
export interface StateSnapshot {
  source: string
  lineage: string
  serial: number
  capturedAt: number
  count: number | null
  resource: StateResource | null
}

export interface StateResource {
  address: string
  type: string
  name: string
  provider: string
  account: string | null
  region: string | null
  id: string
  arn: string | null
  deposedKey: string | null
  tainted: boolean
  /** All, direct and indirect, as addresses without indexes. */
  dependencies: string[]
  /** Those of them that no other one leads to; null: not known. */
  directDependencies: string[] | null
  /** Canonical JSON object. */
  attributes: string
}

/** oldValue and newValue are JSON texts, null where absent or hidden. */
export interface AttributeDiff {
  attribute: string
  oldValue: string | null
  newValue: string | null
  changeType: ChangeType
  sensitive: boolean
}

/** tfdrift.diffs */
export interface ResourceDiff {
  id: string
  driftId: string
  resourceKey: string
  type: AlertType
  compared: boolean
  address: string | null
  stateSource: string | null
  stateSerial: number | null
  eventId: string
  eventName: string
  eventTime: string
  diffs: AttributeDiff[]
}

export interface MatchedRule {
  id: string
  name: string
  severity: Severity
}

/** tfdrift.matches */
export interface RuleMatch {
  id: string
  driftId: string
  resourceKey: string
  type: AlertType
  severity: Severity
  eventTime: string
  matchedRules: MatchedRule[]
}

export interface Actor {
  type: string
  name: string
  email: string | null
  arn: string | null
  principalId: string | null
  account: string | null
  sessionIssuer: string | null
  tool: Tool
  sourceIp: string | null
  mfa: boolean | null
}

export interface SourceEvent {
  id: string
  source: string
  name: string
  time: string
}

export interface StateReference {
  source: string
  lineage: string
  serial: number
}

export interface AlertResource {
  address: string | null
  type: string
  name: string | null
  id: string
  arn: string | null
  provider: string
  account: string
  region: string
  state: StateReference | null
  alsoManagedBy: string[]
}

/** An earlier change of the same resource. */
export interface PastChange {
  time: string
  actor: string
  event: string
  attributes: string[]
}

/** What depends on a resource, as the states say. */
export interface BlastRadius {
  directDependents: number
  totalDependents: number
  addresses: string[]
}

/** tfdrift.alerts */
export interface Alert {
  id: string
  driftId: string
  type: AlertType
  status: AlertState
  severity: Severity
  message: string
  resource: AlertResource | null
  compared: boolean
  diffs: AttributeDiff[]
  matchedRules: MatchedRule[]
  actor: Actor
  sourceEvent: SourceEvent
  resourceTags: Record<string, string>
  owner: string | null
  changeHistory: PastChange[]
  blastRadius: BlastRadius | null
  remediation: string[]
  revertCommand: string | null
  runbookUrl: string | null
  references: string[]
  channels: string[]
  pendingChannels: string[]
  detectedAt: string
  statusChange: StatusChange | null
  resolvedBy: string | null
}

/** tfdrift.deliveries */
export interface Delivery {
  sink: string
  alertId: string
  status: AlertState
  outcome: 'delivered' | 'dead-lettered'
  attempts: number
  at: number
}

/** tfdrift.pending-changes */
export interface PendingChange {
  /** Of raw-events: its processor decides what becomes of the call. */
  partition: number
  /** Epoch milliseconds. */
  since: number
  event: RawEvent
}

/** tfdrift.outbox */
export interface HeldAlert {
  sink: string
  alertId: string
  driftId: string
  status: AlertState
  severity: Severity
  /** What alerts of one cause share. */
  cause: string
  /** Epoch milliseconds. */
  since: number
  /** Its offset in its partition of alerts: the order within one drift. */
  place: number
  /** The record of alerts, as it stands there. */
  alert: Buffer
}
