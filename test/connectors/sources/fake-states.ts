import { AwayError, type StateStore } from '../../../connectors/sources/terraform-state/state-store.ts'

/** States in memory. */
export class FakeStates implements StateStore {
  readonly name: string
  /** What stands at each place: the name of a state below that of all. */
  readonly texts = new Map<string, string>()
  /** How often each state was read anew. */
  readonly reads: string[] = []
  away = false

  constructor(name = 'mem://') {
    this.name = name
  }

  /** A state with so many resources. */
  put(
    name: string,
    { serial, count, lineage = name }: { serial: number; count: number; lineage?: string },
  ): void {
    const instances = Array.from({ length: count }, (_, i) => ({
      index_key: i,
      attributes: { id: `vpc-${i}` },
    }))
    const resources = [{ mode: 'managed', type: 'aws_vpc', name: 'a', instances }]
    this.texts.set(this.name + name, JSON.stringify({ version: 4, serial, lineage, resources }))
  }

  async places(): Promise<string[]> {
    if (this.away) throw new AwayError(`${this.name}: nobody answers; look at the network`)
    return [...this.texts.keys()]
  }

  covers(place: string): boolean {
    return place.startsWith(this.name)
  }

  async read(place: string, token?: string) {
    if (this.away) throw new AwayError(`${place}: nobody answers; look at the network`)
    const text = this.texts.get(place)
    if (text === undefined) throw new Error(`${place}: there is no such thing`)
    if (text === token) return null
    this.reads.push(place)
    return { bytes: Buffer.from(text), modifiedAt: 1_700_000_000_000, token: text }
  }
}
