import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { rawEvent } from '../connectors/sources/formats/cloudtrail.ts'
import type { RawEvent } from '../schemas/types.ts'
import { generate } from '../test/support/generate.ts'
import { ACCOUNT } from '../test/support/kinds.ts'

export interface LoadOptions {
  resources: number
  events: number
}

/** What the product is given. */
export interface Load {
  /** State files, one an account, which together hold the resources. */
  states: { path: string; account: string }[]
  /** Every event a drift that gives one alert. Each call starts anew. */
  events(hashKey: Buffer): Generator<RawEvent>
}

/** An account and a region are one key of raw-events: so many accounts give every partition some of them. */
const ACCOUNTS = Array.from({ length: 40 }, (_, n) => String(210_000_000_007 + n * 7_919_000_003))
/** The generator deals kinds and regions out in turn, in rounds of this length: each account gets all of them. */
const KINDS_AND_REGIONS = 28
const OWN_NUMBER = /orders-(\d+)|-([0-9a-f]{17})/

/**
 * Writes the states of the test suite's generator, which knows one account, as those of several. Resources keep their
 * numbers, so that no two accounts hold the same id.
 */
export async function writeLoad(dir: string, { resources, events }: LoadOptions): Promise<Load> {
  const generated = generate({ resources, events, seed: 1, driftShare: 1 })
  const { resources: rows, ...head } = generated.state as { lineage: string; resources: object[] }
  const states: Load['states'] = []
  for (const account of ACCOUNTS) {
    const owned = rows.filter((_, index) => accountOf(index) === account)
    if (owned.length === 0) continue
    const file = path.join(dir, `${account}.tfstate`)
    const lineage = `${head.lineage.slice(0, -account.length)}${account}`
    const state = JSON.stringify({ ...head, lineage, resources: owned })
    await writeFile(file, state.replaceAll(ACCOUNT, account))
    states.push({ path: file, account })
  }

  function* rawEvents(hashKey: Buffer): Generator<RawEvent> {
    for (const record of generated.records()) {
      const text = JSON.stringify(record)
      const [, decimal, hex] = OWN_NUMBER.exec(text) ?? []
      const account = accountOf(decimal === undefined ? Number.parseInt(hex ?? '0', 16) : Number(decimal))
      const context = { origin: 'bench', receivedAt: Date.now(), hashKey }
      yield rawEvent(JSON.parse(text.replaceAll(ACCOUNT, account)), context)
    }
  }

  return { states, events: rawEvents }
}

function accountOf(index: number): string {
  return ACCOUNTS[Math.floor(index / KINDS_AND_REGIONS) % ACCOUNTS.length]!
}
