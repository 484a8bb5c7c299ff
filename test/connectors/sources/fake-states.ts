import { AwayError, type StateStore } from '../../../connectors/sources/terraform-state/state-store.ts'

/** States in memory, by names below `mem://`; null: one that is listed and cannot be read. */
export class FakeStates implements StateStore {
  readonly name = 'mem://'
  readonly texts = new Map<string, string | null>()
  /** How often each state was read anew. */
  readonly reads: string[] = []
  away = false

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
    this.texts.set(`mem://${name}`, JSON.stringify({ version: 4, serial, lineage, resources }))
  }

  async places(): Promise<string[]> {
    if (this.away) throw new AwayError('mem://: nobody answers; look at the network')
    return [...this.texts.keys()]
  }

  covers(place: string): boolean {
    return place.startsWith('mem://')
  }

  async read(place: string, token?: string) {
    if (this.away) throw new AwayError(`${place}: nobody answers; look at the network`)
    const text = this.texts.get(place)
    if (text == null) throw new Error(`${place}: there is no such thing`)
    if (text === token) return null
    this.reads.push(place)
    return { bytes: Buffer.from(text), modifiedAt: 1_700_000_000_000, token: text }
  }
}
