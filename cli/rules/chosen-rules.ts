import type { Rule } from '../../processors/rules/schema.ts'
import { loadConfig } from '../config/load.ts'
import type { Io } from '../io.ts'
import { readRules } from '../read-rules.ts'

export interface ChosenRules {
  rules?: string[]
  config?: string
}

/** The rules of the given folders; else of the configuration, if one is named; else the shipped packs. Throws on faults. */
export function chosenRules({ rules, config }: ChosenRules, { env }: Io): Rule[] {
  const file = config ?? env.TFDRIFT_CONFIG
  if (rules || !file) return readRules({ shipped: !rules, folders: rules ?? [] })
  const { shippedRules, rules: folders } = loadConfig(file, env)
  return readRules({ shipped: shippedRules, folders })
}

/** The rules whose id, name or file has one of the words in it; all without any. */
export function rulesWith(rules: readonly Rule[], words: readonly string[]): Rule[] {
  const wanted = words.map((word) => word.toLowerCase())
  return rules.filter(({ id, name, file }) => {
    const text = `${id} ${name} ${file}`.toLowerCase()
    return wanted.length === 0 || wanted.some((word) => text.includes(word))
  })
}
