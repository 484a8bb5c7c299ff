import { z } from 'zod'

/** What `{path:modifier}` in a template may name. */
export const modifiers = [
  'base',
  'dns',
  'function',
  'last',
  'lower',
  'path',
  'qualifier',
  'queue',
  'secret',
] as const
export type Modifier = (typeof modifiers)[number]

/** A path of a mapping, or a text with `{path:modifier}` in it. */
export const path = z
  .string()
  .min(1)
  .refine((text) => modifiersIn(text).every((name) => (modifiers as readonly string[]).includes(name)), {
    message: `{path:modifier} has one of ${modifiers.join(', ')}`,
  })

function modifiersIn(text: string): string[] {
  return [...text.matchAll(/\{[^}]+?:(\w+)\}/g)].map((match) => match[1]!)
}
