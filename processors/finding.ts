import type { Priority } from '../schemas/priorities.ts'
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

/** Something that happened once, and who did it. */
export interface Occurrence {
  /** Unique per call; alert ids derive from it. */
  eventId: string
  provider: Provider
  account: string
  /** global for services without regions and for S3. */
  region: string
  /** The event's own service name, such as ec2.amazonaws.com. */
  service: string
  /** The call's name without version suffixes, such as UpdateFunctionConfiguration; of a signal Falco's rule. */
  name: string
  /** Epoch milliseconds. */
  time: number
  actor: Actor
  sourceEvent: SourceEvent
}

/** A successful, changing call, whatever cloud it came from. */
export interface CloudCall extends Occurrence {
  /** Normalised: wrappers of the service's wire format are taken off. */
  request: JsonObject
  response: JsonObject
  /** ARNs that the record lists beside them: they may tell what the call touched where parameters are left out. */
  listed?: string[]
}

/** What Falco found, where that holds no call: it names no resource, and no state is looked at. */
export interface Signal extends Occurrence {
  priority: Priority
  tags: string[]
  /** Falco's own words, without time and priority; empty where there are none. */
  text: string
  /** It is about a call of a cloud, but tells too little of it to compare. */
  tooLittle: boolean
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
  directDependencies: string[] | null
  attributes: JsonObject
}

/** What one call did to one resource, compared with the state; or a signal. The input of match and enrich. */
export type Finding = ResourceFinding | SignalFinding

export interface ResourceFinding extends AnyFinding {
  resource: AlertResource
  signal: null
}

export interface SignalFinding extends AnyFinding {
  resource: null
  signal: Signal
}

interface AnyFinding {
  /** sha256(event id | resource key) */
  id: string
  driftId: string
  resourceKey: string
  /** Of a child: the drifts of the resources that it goes with. */
  parentDriftIds?: string[]
  type: AlertType
  compared: boolean
  diffs: AttributeDiff[]
  /** Every comparison made, equal ones too: what alert-status folds. */
  verdicts: Verdict[]
  /** The state row of the resource (of the parent, for a child held inline); null when no state holds it. */
  row: StateRow | null
  /** Of what no state holds: Terraform's attributes, as far as the call that made it tells them. */
  made?: JsonObject
  /** What led to it: the call, or the signal itself. */
  call: Occurrence
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
  /** It differs, and an ignore list says that it does not matter. */
  | 'ignored'
  | 'unmanaged'
  | 'service-created'
  | 'unmapped'
  /** The second record of a long operation, whose first one is the call. */
  | 'operation-end'
  | 'left-out'
