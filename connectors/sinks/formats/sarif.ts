import type { Severity } from '../../../schemas/types.ts'
import type { AlertJson } from '../../alert-json.ts'
import { subject } from './subject.ts'

/** security-severity is what code scanning sorts by: the middle of CVSS's own ranges. */
const levels: Record<Severity, { level: 'error' | 'warning' | 'note'; score: string }> = {
  critical: { level: 'error', score: '9.5' },
  high: { level: 'error', score: '8.0' },
  medium: { level: 'warning', score: '5.5' },
  low: { level: 'note', score: '2.0' },
  info: { level: 'note', score: '0.0' },
}

interface Rule {
  id: string
  name: string
  severity: Severity
  helpUri: string | null
}

/** A SARIF 2.1.0 log with one run. A result is an alert, under its first rule; a resolved one is a pass. */
export function sarif(alerts: readonly AlertJson[]): string {
  const rules = new Map<string, Rule>()
  for (const rule of alerts.flatMap(rulesOf)) if (!rules.has(rule.id)) rules.set(rule.id, rule)
  const ruleIndex = new Map([...rules.keys()].map((id, index) => [id, index]))
  const results = alerts.map((alert) => result(alert, ruleIndex))
  const driver = { name: 'TFDrift Streams', rules: [...rules.values()].map(descriptor) }
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results }],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** Without a matched rule the alert's type stands for one. */
function rulesOf({ matchedRules, type, severity, runbookUrl }: AlertJson): Rule[] {
  if (matchedRules.length === 0) {
    return [{ id: type, name: type.replaceAll('_', ' '), severity, helpUri: null }]
  }
  return matchedRules.map((rule, index) => ({ ...rule, helpUri: index === 0 ? runbookUrl : null }))
}

function descriptor({ id, name, severity, helpUri }: Rule): object {
  const { level, score } = levels[severity]
  return {
    id,
    shortDescription: { text: name },
    ...(helpUri && URL.canParse(helpUri) && { helpUri }),
    defaultConfiguration: { level },
    properties: { tags: ['security'], 'security-severity': score },
  }
}

function result(alert: AlertJson, ruleIndex: ReadonlyMap<string, number>): object {
  const ruleId = rulesOf(alert)[0]!.id
  const verdict =
    alert.status === 'resolved'
      ? { kind: 'pass', level: 'none' }
      : { kind: 'fail', level: levels[alert.severity].level }
  const { type, status, severity, compared, diffs, matchedRules, actor, sourceEvent } = alert
  return {
    ruleId,
    ruleIndex: ruleIndex.get(ruleId),
    ...verdict,
    // Parted, since "[text](address)" would be a link, and whoever names a resource writes this text.
    message: { text: alert.message.replaceAll('](', '] (') },
    locations: [location(alert)],
    partialFingerprints: { 'tfdriftAlertId/v1': alert.id },
    properties: { type, status, severity, compared, diffs, matchedRules, actor, sourceEvent },
  }
}

function location(alert: AlertJson): object {
  const { resource } = alert
  const logical = {
    name: resource?.name ?? subject(alert),
    fullyQualifiedName: subject(alert),
    kind: 'resource',
  }
  if (!resource?.state) return { logicalLocations: [logical] }
  return {
    physicalLocation: {
      artifactLocation: { uri: uriReference(resource.state.source) },
      // A state has no lines that mean anything, but code scanning drops results without a line.
      region: { startLine: 1 },
    },
    logicalLocations: [logical],
  }
}

/** A state's source is a URL or a path; either may hold what a URI reference may not. */
function uriReference(source: string): string {
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(source)
  if (isUrl) return source.replace(/[^\w.~:/?#[\]@!$&'()*+,;=%-]/gu, encodeURIComponent)
  return source.split(/[\\/]/).map(encodeURIComponent).join('/')
}
