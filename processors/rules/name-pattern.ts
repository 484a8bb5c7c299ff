import { RE2JS } from 're2js'
import { z } from 'zod'
import { glob, isGlob } from '../glob.ts'

const EXPRESSION = /^\/(.+)\/$/s

/**
 * A test for names: `*` stands for any characters, and `/…/` is a regular expression that matches a part of the name.
 * Both take linear time.
 */
export function nameTest(pattern: string): (name: string) => boolean {
  const expression = EXPRESSION.exec(pattern)?.[1]
  if (expression === undefined) return glob(pattern)
  const compiled = RE2JS.compile(expression)
  return (name) => compiled.matcher(name).find()
}

/** Whether it may stand for another name than itself. */
export function isNamePattern(pattern: string): boolean {
  return isGlob(pattern) || EXPRESSION.test(pattern)
}

/** Names in a rule, of which one must do. */
export const names = z
  .array(
    z
      .string()
      .trim()
      .min(1, 'write a text, or leave the key out')
      .refine(
        compiles,
        'write a regular expression of RE2 between the slashes: no look-around, no back-references',
      ),
  )
  .min(1, 'name at least one, or leave the key out')

function compiles(pattern: string): boolean {
  try {
    nameTest(pattern)
    return true
  } catch {
    return false
  }
}
