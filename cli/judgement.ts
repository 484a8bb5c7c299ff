import { existsSync, readFileSync } from 'node:fs'
import { type IgnoreLine, parseIgnoreList } from '../processors/ignore-list.ts'
import { type LoadedRules, loadRules } from '../processors/rules/load.ts'
import type { Rule } from '../processors/rules/schema.ts'
import { readRuleFiles, shippedRulesDir } from '../rules/index.ts'
import { type Fault, formatFault } from './config/faults.ts'
import { Exit } from './io.ts'

/** Used where no ignore list is named. */
export const DEFAULT_IGNORE = './.tfdriftignore'

/** Where rules and ignore lists lie. */
export interface JudgementFiles {
  folders: readonly string[]
  ignore: readonly string[]
}

/** What may change while a service runs. */
export interface Judgement {
  rules: Rule[]
  ignores: IgnoreLine[]
}

export function judgementFiles({
  shipped,
  folders,
  ignore,
}: {
  shipped: boolean
  folders: readonly string[]
  ignore: readonly string[] | undefined
}): JudgementFiles {
  return {
    folders: [...(shipped ? [shippedRulesDir] : []), ...folders],
    // It may be made later on: a service looks again.
    ignore: ignore ?? [DEFAULT_IGNORE],
  }
}

/** Reads all of it, and every fault. Throws only where a folder of rules cannot be read. */
export function readJudgement({
  folders,
  ignore,
}: JudgementFiles): Judgement & LoadedRules & { faults: Fault[] } {
  const { rules, errors, placeOf } = loadRules(readRuleFiles(folders))
  const lists = ignore.map(readIgnoreList)
  return {
    rules,
    errors,
    placeOf,
    ignores: lists.flatMap(({ lines }) => lines),
    faults: [...errors, ...lists.flatMap((list) => list.errors)],
  }
}

/** The same. Throws, naming every fault with its place, if there is any. */
export function faultlessJudgement(files: JudgementFiles): Judgement {
  const { faults, rules, ignores } = readJudgement(files)
  if (faults.length > 0) throw new Exit(1, faults.map(formatFault).join('\n'))
  return { rules, ignores }
}

function readIgnoreList(file: string): { lines: IgnoreLine[]; errors: Fault[] } {
  if (file === DEFAULT_IGNORE && !existsSync(file)) return { lines: [], errors: [] }
  try {
    return parseIgnoreList(readFileSync(file, 'utf8'), file)
  } catch (error) {
    const message = `cannot be read (${(error as NodeJS.ErrnoException).code})`
    const fix = 'correct the path, or allow it to be read'
    return { lines: [], errors: [{ file, line: null, column: null, field: '', message, fix }] }
  }
}
