import type { Finding } from './finding.ts'
import { glob } from './glob.ts'

/** An address for the runbook of alerts whose rules name none. */
export interface RunbookTemplate {
  /** Globs of Terraform types; left out: of all, signals included. */
  resource_types?: readonly string[] | undefined
  provider?: string | undefined
  /** With placeholders: {type}, {rule_id}, … */
  template: string
}

/** What a template's placeholders stand for; null where an alert has none. */
const values = {
  type: ({ resource }: Finding) => resource?.type ?? null,
  provider: ({ call }: Finding) => call.provider,
  account: ({ resource, call }: Finding) => resource?.account ?? call.account,
  region: ({ resource, call }: Finding) => resource?.region ?? call.region,
  id: ({ resource }: Finding) => resource?.id ?? null,
  name: ({ resource }: Finding) => resource?.name ?? null,
  address: ({ resource }: Finding) => resource?.address ?? null,
  event: ({ call }: Finding) => call.name,
  alert_type: ({ type }: Finding) => type,
  rule_id: (_: Finding, ruleId: string | null) => ruleId,
} satisfies Record<string, (finding: Finding, ruleId: string | null) => string | null>

export const runbookPlaceholders = Object.keys(values)

/** What stands between braces in a template. */
export function placeholdersIn(template: string): string[] {
  return [...template.matchAll(placeholder)].map((match) => match[1]!)
}

const placeholder = /\{([^{}]*)\}/g

/**
 * The address of the first template that fits a finding, its placeholders filled in as parts of a URL; null: none fits.
 * A template is passed over where one of its placeholders stands for nothing: without a matched rule there is no
 * {rule_id}.
 */
export function compileRunbooks(
  templates: readonly RunbookTemplate[],
): (finding: Finding, ruleId: string | null) => string | null {
  const compiled = templates.map(({ resource_types, provider, template }) => ({
    types: resource_types?.map(glob),
    provider,
    template,
  }))
  return (finding, ruleId) => {
    for (const { types, provider, template } of compiled) {
      if (provider !== undefined && finding.call.provider !== provider) continue
      const type = finding.resource?.type
      if (types && (type === undefined || !types.some((matches) => matches(type)))) continue
      const filled = fill(template, finding, ruleId)
      if (filled !== null) return filled
    }
    return null
  }
}

function fill(template: string, finding: Finding, ruleId: string | null): string | null {
  let complete = true
  const text = template.replaceAll(placeholder, (_, name: keyof typeof values) => {
    const value = values[name](finding, ruleId)
    if (value === null) complete = false
    return encodeURIComponent(value ?? '')
  })
  return complete ? text : null
}
