import { describe, expect, it } from 'vitest'
import { callsOf } from '../../../cli/mappings/calls-of.ts'
import { caseContext, createJudge } from '../../../cli/mappings/judge-case.ts'
import { type Case, loadCases } from '../../../cli/mappings/read-cases.ts'
import type { Effect } from '../../../mappings/format.ts'
import type { Mappings } from '../../../mappings/index.ts'

const SWAPS = 20
const SEED = 20260302

/** Two rows of one mapping whose Terraform attributes change places. */
interface Swap {
  service: string
  call: string
  effect: Effect
  paths: [string, string]
  /** Cases of the call. */
  cases: readonly Case[]
}

const context = caseContext()

/** For each mapping, every two of its attributes that some case sees differ. */
async function possibleSwaps(): Promise<Swap[][]> {
  const byCall = new Map<string, Case[]>()
  for (const one of loadCases()) {
    for (const key of new Set((await callsOf(one)).map(({ service, name }) => `${service} ${name}`)))
      byCall.set(key, [...(byCall.get(key) ?? []), one])
  }
  const swaps = context.mappings.calls().flatMap(({ service, call, effects }) =>
    effects.map((effect) => {
      const own = byCall.get(`${service} ${call}`) ?? []
      const seen = seenAttributes(effect, own)
      return seen.flatMap((first, i) =>
        seen
          .slice(i + 1)
          .filter((second) => attributeOf(effect, first) !== attributeOf(effect, second))
          .map((second): Swap => {
            return { service, call, effect, paths: [first, second], cases: own }
          }),
      )
    }),
  )
  return swaps.filter(({ length }) => length > 0)
}

/** The paths whose attribute stands in a diff that a case expects of one of the effect's types. */
function seenAttributes(effect: Effect, own: readonly Case[]): string[] {
  if (!('attributes' in effect)) return []
  const types = 'update' in effect ? effect.update : [effect.put]
  const expected = own
    .flatMap(({ expect }) => expect)
    .filter(({ resource }) => resource.split('.').some((step) => types.includes(step)))
    .flatMap(({ diffs }) => Object.keys(diffs))
  return Object.entries(effect.attributes).flatMap(([path, attribute]) =>
    attribute.split(' | ').some((name) => expected.includes(name)) ? [path] : [],
  )
}

function attributeOf(effect: Effect, path: string): string | undefined {
  return 'attributes' in effect ? effect.attributes[path] : undefined
}

function withSwap({ service, call, effect, paths: [first, second] }: Swap): Mappings {
  const attributes = 'attributes' in effect ? effect.attributes : {}
  const swapped = { ...attributes, [first]: attributes[second]!, [second]: attributes[first]! }
  const { mappings } = context
  return {
    ...mappings,
    effects: (aService, aCall) => {
      const effects = mappings.effects(aService, aCall)
      const isIt = aService === service && aCall === call
      return isIt
        ? effects?.map((one) => (one === effect ? ({ ...one, attributes: swapped } as Effect) : one))
        : effects
    },
  }
}

async function breaksACase(swap: Swap): Promise<boolean> {
  const judge = createJudge({ ...context, mappings: withSwap(swap) })
  for (const one of swap.cases) if (!(await judge(one)).passed) return true
  return false
}

/** As many as asked for, of as many mappings as there are; the same every time. */
function drawn(swaps: readonly Swap[][], count: number): Swap[] {
  let state = SEED
  const next = <T>(items: T[]): T => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return items.splice((state >>> 8) % items.length, 1)[0]!
  }
  const left = swaps.map((own) => [...own])
  const result: Swap[] = []
  for (let round = [...left]; result.length < count && left.some(({ length }) => length > 0); ) {
    if (round.length === 0) round = left.filter(({ length }) => length > 0)
    result.push(next(next(round)))
  }
  return result
}

describe('the cases notice it when two attributes of a mapping are swapped', async () => {
  const swaps = drawn(await possibleSwaps(), SWAPS)

  it(`in ${SWAPS} mappings at random`, () => {
    expect(swaps).toHaveLength(SWAPS)
  })

  it.each(swaps.map((swap) => [`${swap.call}: ${swap.paths.join(' and ')}`, swap] as const))(
    '%s',
    async (_, swap) => {
      expect(await breaksACase(swap)).toBe(true)
    },
  )
})
