import { isHashed } from '../../schemas/hashed-value.ts'
import type { Comparison } from '../compare/compare.ts'
import type { Json } from '../finding.ts'
import { readPath } from '../paths.ts'
import { shellQuote } from '../shell-quote.ts'
import type { Draft } from './step.ts'

/**
 * The command that puts the old values back, from the mapping's templates: `{old}` is the state's value, `{id}` the
 * resource's id, any other `{attribute}` the state's. null unless every difference has a template and a value to show.
 */
export function revertCommand(draft: Draft): string | null {
  if (draft.revertCommand !== undefined) return draft.revertCommand
  const { row, revert } = draft
  if (!row || typeof revert !== 'object') return null
  const commands = new Set<string>()
  for (const { attribute, sensitive } of draft.comparisons.filter(differs)) {
    if (sensitive) return null
    const old = readPath(row.attributes, attribute)
    const entry = revert[attribute]
    const template = typeof entry === 'object' ? entry[String(old)] : entry
    const command = template === undefined ? null : fill(template, draft, old)
    if (command === null) return null
    commands.add(command)
  }
  return commands.size > 0 ? [...commands].join(' && ') : null
}

function differs(comparison: Comparison): boolean {
  return !comparison.equal
}

function fill(template: string, draft: Draft, old: Json | undefined): string | null {
  let complete = true
  const command = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = name === 'old' ? old : name === 'id' ? draft.id : readPath(draft.row!.attributes, name)
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    if (value === undefined || value === null || isHashed(value) || isTakenApart(text)) complete = false
    return shellQuote(text)
  })
  return complete ? command : null
}

/** The AWS CLI takes these for an option, or for the name of a file to read, however they are quoted. */
function isTakenApart(text: string): boolean {
  return /^(-(?!\d+$)|(fileb?|https?):\/\/)/.test(text)
}
