import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The folder of the rule packs that come with the product. */
export const shippedRulesDir = import.meta.dirname

export interface RuleText {
  path: string
  text: string
  /** It is of a pack that comes with the product. */
  shipped?: true
  /** What stands in it, where the build put that beside it as JSON, which is read fifty times as fast. */
  parsed?: unknown
}

/**
 * The rule files (.yaml, .yml) directly in the folders, each once, in the order of their names.
 * Throws, naming the folder, if one cannot be read: a missing folder must not look like a folder without rules.
 */
export function readRuleFiles(dirs: readonly string[]): RuleText[] {
  const files = new Map(dirs.flatMap(ruleFilesIn).map((file) => [path.resolve(file), file]))
  return [...files].map(([resolved, file]) => {
    const text = { path: file, text: readFileSync(resolved, 'utf8') }
    if (path.dirname(resolved) !== shippedRulesDir) return text
    const json = `${resolved}.json`
    const parsed = existsSync(json) && { parsed: JSON.parse(readFileSync(json, 'utf8')) as unknown }
    return { ...text, shipped: true, ...parsed }
  })
}

function ruleFilesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => path.join(dir, name))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`rules: cannot read the folder ${dir} (${code}); give a folder that holds rule files`, {
      cause: error,
    })
  }
}
