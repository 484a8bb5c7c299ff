import { randomBytes } from 'node:crypto'
import type { Mappings } from '../../mappings/index.ts'
import type { Trace } from '../../processors/detect/step.ts'
import { compileFilters } from '../../processors/filters.ts'
import { createIgnoring } from '../../processors/ignore.ts'
import { createMatcher } from '../../processors/match.ts'
import { createPipeline, type Pipeline } from '../../processors/pipeline.ts'
import type { Rule } from '../../processors/rules/schema.ts'
import { createContext } from '../context.ts'
import { Exit } from '../io.ts'
import { faultlessJudgement, judgementFiles } from '../judgement.ts'

/** Folders of rules and ignore lists, or `none`. */
export interface JudgementOptions {
  rules?: string[]
  ignore?: string[]
}

/** The pipeline of `detect`: everything is looked at, and secrets are hashed with a key that dies with the process. */
export function detectPipeline(
  { rules, ignore }: JudgementOptions,
  trace?: Trace,
): {
  pipeline: Pipeline
  rules: Rule[]
  mappings: Mappings
  hashKey: Buffer
} {
  const hashKey = randomBytes(32)
  const folders = orNone('rules', rules)
  const judgement = faultlessJudgement(
    judgementFiles({
      shipped: folders === undefined,
      folders: folders ?? [],
      ignore: orNone('ignore', ignore),
    }),
  )
  const context = {
    ...createContext({ hashKey, unmanagedAny: false }),
    ignoring: createIgnoring(judgement.ignores),
    ...(trace && { trace }),
  }
  const pipeline = createPipeline({
    context,
    matcher: createMatcher(judgement.rules),
    admits: compileFilters({ include: {}, exclude: {} }),
  })
  return { pipeline, rules: judgement.rules, mappings: context.mappings, hashKey }
}

function orNone(option: keyof JudgementOptions, values: string[] | undefined): string[] | undefined {
  if (values?.includes('none') && values.length > 1)
    throw new Exit(1, `--${option}: none stands alone; leave it out, or leave the others out`)
  return values?.[0] === 'none' ? [] : values
}
