import { existsSync, readFileSync } from 'node:fs'

/**
 * What stands in a YAML file of the product, from the JSON that the build puts beside it; undefined where there is
 * none, as in a checkout. YAML takes seconds for what JSON has in a moment.
 */
export function parsedByBuild(file: string): unknown {
  const json = `${file}.json`
  return existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : undefined
}
