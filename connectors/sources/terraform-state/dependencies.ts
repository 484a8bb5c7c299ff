import { configAddress } from '../../../schemas/config-address.ts'
import type { StateInstance } from './instance.ts'

export interface Dependencies {
  /** All, direct and indirect. */
  dependencies: string[]
  /** Those that no other of them leads to. */
  directDependencies: string[]
}

/**
 * Tells what each instance of a state depends on. Formats before 4 write the direct dependencies only, and format 4 all
 * of them, without a word which are direct: as such count those that none of the others leads to.
 */
export function dependenciesIn(
  instances: readonly StateInstance[],
): (instance: Pick<StateInstance, 'address' | 'dependencies'>) => Dependencies {
  const numbers = new Map<string, number>()
  const addresses: string[] = []
  const edges: number[][] = []
  for (const { address, dependencies } of instances) {
    if (dependencies.length === 0) continue
    const from = numberOf(configAddress(address))
    const there = edges[from]
    const those = dependencies.map(numberOf)
    // Instances of one block mostly depend on the same.
    edges[from] = there && !isEqual(there, those) ? [...new Set([...there, ...those])] : those
  }
  /** In which round a number was last seen: as one to report, and as one that another leads to. */
  const listed: number[] = []
  const led: number[] = []
  let round = 0

  function numberOf(address: string): number {
    let number = numbers.get(address)
    if (number === undefined) {
      number = addresses.push(address) - 1
      numbers.set(address, number)
    }
    return number
  }

  return ({ address, dependencies }) => {
    if (dependencies.length === 0) return { dependencies: [], directDependencies: [] }
    round++
    const self = numberOf(configAddress(address))
    const all: number[] = []
    const list = (number: number) => {
      if (number === self || listed[number] === round) return
      listed[number] = round
      all.push(number)
    }
    for (const one of dependencies) list(numberOf(one))
    // Grows while it is gone through: what others lead to comes behind them.
    for (const from of all) {
      for (const to of edges[from] ?? []) {
        list(to)
        if (to !== from) led[to] = round
      }
    }
    const direct = all.filter((one) => led[one] !== round)
    return {
      dependencies: all.map((one) => addresses[one]!).sort(),
      directDependencies: direct.map((one) => addresses[one]!).sort(),
    }
  }
}

function isEqual(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i])
}
