import type {
  Actor,
  AlertResource,
  AlertType,
  AttributeDiff,
  Provider,
  SourceEvent,
  Verdict,
} from '../schemas/types.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** A successful, changing call, whatever cloud it came from. */
export interface CloudCall {
  /** Unique per call; alert ids derive from it. */
  eventId: string
  provider: Provider
  account: string
  /** global for services without regions and for S3. */
  region: string
  /** The event's own service name, such as ec2.amazonaws.com. */
  service: string
  /** The call's name without version suffixes, such as UpdateFunctionConfiguration. */
  name: string
  /** Epoch milliseconds. */
  time: number
  actor: Actor
  sourceEvent: SourceEvent
  /** Normalised: wrappers of the service's wire format are taken off. */
  request: JsonObject
  response: JsonObject
}

/** One resource instance of a state, with its attributes parsed. */
export interface StateRow {
  key: string
  source: string
  lineage: string
  serial: number
  address: string
  type: string
  name: string
  account: string | null
  region: string | null
  id: string
  arn: string | null
  deposedKey: string | null
  dependencies: string[]
  attributes: JsonObject
}

/** What one call did to one resource, compared with the state. The input of match and enrich. */
export interface Finding {
  /** sha256(event id | resource key) */
  id: string
  driftId: string
  resourceKey: string
  type: AlertType
  compared: boolean
  diffs: AttributeDiff[]
  /** Every comparison made, equal ones too: what alert-status folds. */
  verdicts: Verdict[]
  resource: AlertResource
  /** The state row of the resource (of the parent, for a child held inline); null when no state holds it. */
  row: StateRow | null
  call: CloudCall
  /** The API's own names of the attributes that differ, by Terraform path: rules may use either. */
  apiNames: Record<string, string[]>
  /** Shell command that restores the old value, where the mapping knows one. */
  revertCommand: string | null
}

/** Why an event gave no finding. The funnel of `detect` and the metrics count by these. */
export type NoFinding =
  | 'read-only'
  | 'failed'
  | 'filtered'
  | 'no-effect'
  | 'as-declared'
  | 'unmanaged'
  | 'service-created'
  | 'unmapped'
  /** The second record of a long operation, whose first one is the call. */
  | 'operation-end'
