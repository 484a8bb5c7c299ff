import { randomBytes } from 'node:crypto'
import type { Mappings } from '../../mappings/index.ts'
import type { Trace } from '../../processors/detect/step.ts'
import { compileFilters } from '../../processors/filters.ts'
import { createMatcher } from '../../processors/match.ts'
import { createPipeline, type Pipeline } from '../../processors/pipeline.ts'
import type { Rule } from '../../processors/rules/schema.ts'
import { createContext } from '../context.ts'
import { Exit } from '../io.ts'
import { readRules } from '../read-rules.ts'

/** The pipeline of `detect`: everything is looked at, and secrets are hashed with a key that dies with the process. */
export function detectPipeline(
  rules: readonly string[] | undefined,
  trace?: Trace,
): {
  pipeline: Pipeline
  rules: Rule[]
  mappings: Mappings
  hashKey: Buffer
} {
  const hashKey = randomBytes(32)
  const context = { ...createContext({ hashKey, unmanagedAny: false }), ...(trace && { trace }) }
  if (rules?.includes('none') && rules.length > 1)
    throw new Exit(1, '--rules: none stands alone; leave it out, or leave the folders out')
  const folders = rules?.[0] === 'none' ? [] : rules
  const loaded = readRules({ shipped: folders === undefined, folders: folders ?? [] })
  const pipeline = createPipeline({
    context,
    matcher: createMatcher(loaded),
    admits: compileFilters({ include: {}, exclude: {} }),
  })
  return { pipeline, rules: loaded, mappings: context.mappings, hashKey }
}
