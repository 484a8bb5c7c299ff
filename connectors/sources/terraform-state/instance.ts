/** A step into an attribute: a name, a key of a map, or a place in a list. */
export type PathStep = string | number

/** One managed resource instance, whatever format its state has. */
export interface StateInstance {
  address: string
  type: string
  name: string
  /** The provider's short name: aws, google, azurerm. */
  provider: string
  attributes: Record<string, unknown>
  /** What the provider itself declares to identify it; newer states have it. */
  identity: Record<string, unknown>
  /** What the state itself marks as sensitive. */
  sensitivePaths: PathStep[][]
  dependencies: string[]
  tainted: boolean
  /** Set for an object that is to be destroyed and has been replaced at this address. */
  deposedKey: string | null
}

/** What a state holds under management; data sources are left out. */
export interface ParsedState {
  source: string
  /** Its source, for a state without lineage. */
  lineage: string
  serial: number
  terraformVersion: string
  instances: StateInstance[]
}
