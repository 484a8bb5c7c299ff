import type { Rule } from './rules/schema.ts'

/** A configured sink. */
export interface NamedSink {
  name: string
  kind: string
}

/** Among an alert's channels: what `routing.default` names as well. No sink can have this name. */
export const DEFAULT_ROUTING = 'routing.default'

export interface Destinations {
  /** Names of sinks, and DEFAULT_ROUTING. Empty: the default routing alone. */
  channels: string[]
  /** What the rules name and no sink is configured for, as the rules write it. */
  pendingChannels: string[]
}

/** Something that an action of a rule names, and where in the rule it does. */
interface Wish {
  path: (string | number)[]
  name: string
  /** The sinks that it leads to. */
  sinks: string[]
  announces: boolean
}

/**
 * Where an alert goes that matched these rules: the union of what they name. A rule that names no sink in its alert
 * actions, or none that is configured, or has no actions, sends it to the default routing too. A rule with neither
 * alert actions nor a configured ticket system or audit log does the same: an alert is never kept from everybody.
 */
export function destinationsOf(rules: readonly Rule[], sinks: readonly NamedSink[]): Destinations {
  const channels = new Set<string>()
  const pending = new Set<string>()
  for (const rule of rules) {
    const wishes = wishesOf(rule, sinks)
    for (const one of wishes) {
      if (one.sinks.length === 0) pending.add(one.name)
      for (const name of one.sinks) channels.add(name)
    }
    const deciding = rule.actions.some(({ type }) => type === 'alert')
      ? wishes.filter(({ announces }) => announces)
      : wishes
    if (deciding.every((one) => one.sinks.length === 0)) channels.add(DEFAULT_ROUTING)
  }
  const isDefault = channels.size === 1 && channels.has(DEFAULT_ROUTING)
  return { channels: isDefault ? [] : [...channels], pendingChannels: [...pending] }
}

/** What a rule names and no sink is configured for, with its place in the rule. */
export function unconfiguredIn(
  rule: Rule,
  sinks: readonly NamedSink[],
): { path: (string | number)[]; name: string }[] {
  return wishesOf(rule, sinks)
    .filter((one) => one.sinks.length === 0)
    .map(({ path, name }) => ({ path, name }))
}

function wishesOf({ actions }: Rule, sinks: readonly NamedSink[]): Wish[] {
  return actions.flatMap((action, index): Wish[] => {
    const at = ['actions', index]
    if (action.type === 'alert')
      return (action.channels ?? []).map((name, position) => {
        const path = [...at, 'channels', position]
        return { path, name, sinks: sinksFor(name, sinks), announces: true }
      })
    if (action.type === 'create_ticket') {
      const { system: name } = action
      return [{ path: [...at, 'system'], name, sinks: sinksFor(name, sinks), announces: false }]
    }
    const audit = ofKind('audit-log', sinks)
    return [{ path: [...at, 'type'], name: 'audit_log', sinks: audit, announces: false }]
  })
}

/** The sink of this name; where there is none, all of this kind. */
function sinksFor(name: string, sinks: readonly NamedSink[]): string[] {
  return sinks.some((sink) => sink.name === name) ? [name] : ofKind(name, sinks)
}

function ofKind(kind: string, sinks: readonly NamedSink[]): string[] {
  return sinks.filter((sink) => sink.kind === kind).map(({ name }) => name)
}
