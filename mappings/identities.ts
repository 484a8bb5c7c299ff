import { readFileSync } from 'node:fs'
import path from 'node:path'

/** What a provider declares of a type: names as in mapping files, and that it is not bound to a region. */
export interface TypeIdentity {
  names: string[]
  global: boolean
}

/**
 * The types of AWS, Google and Azure, from identities.tsv, which scripts/identities.mjs writes. The names are facts of
 * the providers: hashicorp/terraform-provider-aws, -google and -azurerm.
 */
export interface Identities {
  /** The file, for a digest. */
  text: string
  of(type: string): TypeIdentity | undefined
}

let shipped: Identities | null = null

export function loadIdentities(): Identities {
  shipped ??= readIdentities(readFileSync(path.join(import.meta.dirname, 'identities.tsv'), 'utf8'))
  return shipped
}

/** A row becomes an object only when its type is asked for: a run touches a few of four thousand. */
function readIdentities(text: string): Identities {
  return {
    text,
    of(type) {
      const start = text.indexOf(`\n${type}\t`)
      if (start === -1) return undefined
      const [, names = '', scope] = text.slice(start + 1, text.indexOf('\n', start + 1)).split('\t')
      return { names: names === '' ? [] : names.split(' '), global: scope === 'global' }
    },
  }
}
