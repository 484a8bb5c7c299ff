import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Revert } from './format.ts'

/**
 * Commands that set one attribute back, beside those of the mapping files, which have the last word: reverts.tsv. Only of
 * calls that leave alone what they do not name, with the option names of the AWS CLI. What cannot be set back by the same
 * call is left out: sizes that only grow, versions that only rise, secrets.
 */
export interface Reverts {
  of(service: string, call: string, types: readonly string[]): Exclude<Revert, string>
}

let shipped: Reverts | null = null

export function loadReverts(): Reverts {
  shipped ??= readReverts(readFileSync(path.join(import.meta.dirname, 'reverts.tsv'), 'utf8'))
  return shipped
}

function readReverts(text: string): Reverts {
  const byCall = new Map<string, string[][]>()
  for (const line of text.trim().split('\n').slice(1)) {
    const [service, call, ...row] = line.split('\t')
    const key = `${service} ${call}`
    byCall.set(key, [...(byCall.get(key) ?? []), row])
  }
  return {
    of(service, call, types) {
      const found: Exclude<Revert, string> = {}
      for (const [type, attribute, old, command] of byCall.get(`${service} ${call}`) ?? []) {
        if (!types.includes(type!)) continue
        const there = found[attribute!]
        // By its old value where an option has two forms: --x and --no-x.
        if (old === '') found[attribute!] = command!
        else found[attribute!] = { ...(typeof there === 'object' && there), [old!]: command! }
      }
      return found
    },
  }
}
