import { loadRules } from '../processors/rules/load.ts'
import type { Rule } from '../processors/rules/schema.ts'
import { readRuleFiles, shippedRulesDir } from '../rules/index.ts'
import { formatFault } from './config/faults.ts'
import { Exit } from './io.ts'

/** Reads the shipped packs and the given folders. Throws, naming every fault with its place, if there is any. */
export function readRules({ shipped, folders }: { shipped: boolean; folders: readonly string[] }): Rule[] {
  const { rules, errors } = loadRules(readRuleFiles([...(shipped ? [shippedRulesDir] : []), ...folders]))
  if (errors.length > 0) throw new Exit(1, errors.map(formatFault).join('\n'))
  return rules
}
