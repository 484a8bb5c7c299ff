import type { Actor, AlertState, AlertType, Severity } from '../../schemas/types.ts'

/** All that can be said of a record that is no event of a change. */
export interface PassedOver extends Pick<Explanation, 'outcome' | 'admission'> {
  event: Pick<ExplainedEvent, 'id' | 'readFrom'>
}

/** Why one event gave what it gave: what `explain --format json` prints, and the text is made of. */
export interface Explanation {
  event: ExplainedEvent
  /** One sentence. */
  outcome: string
  /** Was the event looked at, and what decided that? */
  admission: { admitted: boolean; because: string }
  /** Under which names the states were searched. */
  lookups: Lookup[]
  candidates: Candidate[]
  /** One for each resource that the call touches. */
  verdicts: ExplainedVerdict[]
  parameters: Parameters
}

export interface ExplainedEvent {
  /** As the cloud's own console shows it. */
  id: string
  name: string
  service: string
  provider: string
  account: string
  region: string
  /** RFC 3339. */
  time: string
  actor: Actor
  /** FILE#RECORD; further ones are copies, which count once. */
  readFrom: string[]
}

export interface Lookup {
  types: string[]
  names: string[]
  /** Not the named resource itself: resources of these types that are children of it. */
  children: boolean
}

/** An instance in a state that has one of the names. */
export interface Candidate {
  address: string
  type: string
  id: string
  state: string
  serial: number
  inScope: boolean
  because: string
}

export interface ExplainedVerdict {
  resource: { type: string; id: string; address: string | null }
  because: string
  comparisons: ExplainedComparison[]
  /** null: this gave no alert. */
  alert: ExplainedAlert | null
  /** The rules for resources of this type, those that match first. Empty where there is no alert. */
  rules: TriedRule[]
}

export interface ExplainedComparison {
  attribute: string
  /** The API's name of what was set. */
  parameter: string
  /** What the state says, and what the call set; left out where absent, and where sensitive. */
  state?: unknown
  event?: unknown
  sensitive: boolean
  equal: boolean
  /** Detection's own name of the law by which they are equal or not. */
  law: string
  because: string
}

export interface ExplainedAlert {
  id: string
  driftId: string
  type: AlertType
  severity: Severity
  status: AlertState
  compared: boolean
  /** Why it has this status after all events of the input. */
  because: string
}

export interface TriedRule {
  id: string
  name: string
  matches: boolean
  /** Whether it asks for something that the event touched; else it cannot match, whatever the values. */
  isNear: boolean
  severity: Severity | null
  because: string
}

export interface Parameters {
  /** Parameters that no mapping knows. */
  notCompared: string[]
  /** Parameters that carry nothing Terraform declares. */
  leftAside: string[]
}
