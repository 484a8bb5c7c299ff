import { actorText } from '../../connectors/sinks/formats/actor-text.ts'
import { printable } from '../../connectors/sinks/formats/printable.ts'
import type {
  Candidate,
  ExplainedComparison,
  ExplainedVerdict,
  Explanation,
  Lookup,
  PassedOver,
  TriedRule,
} from './explanation.ts'
import { counted, listed, quoted } from './words.ts'

const MOST = 12

/** An explanation for people: the outcome first, then the way there, step by step. */
export function explanationText(explanation: Explanation): string {
  const { event, outcome, admission, verdicts } = explanation
  const sections = [
    section('The event', eventLines(explanation)),
    section('Was it compared with the states?', [
      `${admission.admitted ? 'Yes' : 'No'}. ${admission.because}`,
    ]),
    section('Which resource?', resourceLines(explanation)),
    ...verdicts.map((verdict) => section(`What came of it: ${nameOf(verdict)}`, verdictLines(verdict))),
    section('Not compared', parameterLines(explanation)),
  ]
  const head = `${event.name} of ${event.service}, event ${event.id}\n${outcome}`
  return `${printable(head).replaceAll('\\u{a}', '\n')}\n${sections.join('')}`
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  return `\n${[title, ...lines.map((line) => `  ${line}`)].map(printable).join('\n')}\n`
}

export function passedOverText({ event, outcome, admission }: PassedOver): string {
  return `${[`Record ${event.id}`, outcome, '', admission.because].map(printable).join('\n')}\n`
}

function eventLines({ event }: Explanation): string[] {
  const { actor, time, provider, account, region, readFrom } = event
  const [first = '', ...copies] = readFrom
  return [
    `who        ${actorText({ actor, resource: null })}`,
    `when       ${time}`,
    `where      ${[provider, account, region].filter(Boolean).join(' ')}`,
    `read from  ${first}`,
    ...some(copies, (copy) => `           ${copy}, of the same id and account: counts once`),
  ]
}

function resourceLines({ lookups, candidates, admission }: Explanation): string[] {
  if (!admission.admitted || lookups.length === 0) return []
  return [
    ...some(lookups, lookupLine),
    ...(candidates.length === 0 ? ['Found in no state.'] : some(candidates, candidateLine)),
  ]
}

function lookupLine({ types, names, children }: Lookup): string {
  const what =
    types.length > 3
      ? `${types.slice(0, 3).join(', ')} and ${counted(types.length - 3, 'more type')}`
      : listed(types, 'or')
  return `Searched the states for ${what} ${children ? 'that belongs to' : 'named'} ${listed(names, 'or')}.`
}

function candidateLine({ address, id, state, serial, because }: Candidate): string {
  return `Found ${address} (${id}) in ${state}, serial ${serial}: ${because}.`
}

function nameOf({ resource: { address, type, id } }: ExplainedVerdict): string {
  if (type === 'signal') return 'a signal'
  return address ?? `${type} ${id}`
}

function verdictLines({ because, comparisons, alert, rules }: ExplainedVerdict): string[] {
  const lines = [because, ...some(comparisons, comparisonLine)]
  if (!alert) return lines
  const matched = rules.some(({ matches }) => matches)
  const byDefault = `No rule matches, so the severity is the default of this type: ${alert.severity}.`
  return [
    ...lines,
    ...ruleLines(rules),
    ...(matched ? [] : [byDefault]),
    `Alert ${alert.id}`,
    `  ${alert.severity}, ${alert.status}. ${alert.because}`,
  ]
}

function comparisonLine(one: ExplainedComparison): string {
  return `- ${one.attribute}: ${valuesOf(one)}${one.because}`
}

function valuesOf({ state, event, sensitive, law }: ExplainedComparison): string {
  // Two whole documents hide what differs in them.
  if (law === 'same policy') return ''
  if (sensitive) return 'sensitive, so its values are not shown; '
  const set =
    event === undefined || event === null ? 'the call takes it away' : `the call set ${quoted(event)}`
  return `the state says ${state === undefined ? 'nothing' : quoted(state)}, ${set}; `
}

/** Rules about what the event did not touch are only named. */
function ruleLines(rules: readonly TriedRule[]): string[] {
  const [near, others] = [rules.filter(({ isNear }) => isNear), rules.filter(({ isNear }) => !isNear)]
  const names = others.slice(0, MOST).map(({ id }) => id)
  const more = others.length > MOST ? [counted(others.length - MOST, 'more')] : []
  const named = others.length > 0 ? [`About other changes: ${listed([...names, ...more])}.`] : []
  return [...some(near, ruleLine), ...named]
}

function ruleLine({ id, name, matches, severity, because }: TriedRule): string {
  return matches
    ? `Rule ${id} (${name}) matches, ${severity}: ${because}.`
    : `Rule ${id} (${name}) does not match: ${because}.`
}

function parameterLines({ parameters: { notCompared, leftAside } }: Explanation): string[] {
  return [
    ...(notCompared.length > 0 ? [`The call also set ${listed(notCompared)}, which no mapping knows.`] : []),
    ...(leftAside.length > 0 ? [`${listed(leftAside)} carried nothing that Terraform declares.`] : []),
  ]
}

/** So many lines that a reader may take them in. */
function some<T>(items: readonly T[], line: (item: T) => string): string[] {
  const lines = items.slice(0, MOST).map(line)
  return items.length > MOST ? [...lines, `… and ${counted(items.length - MOST, 'more')}`] : lines
}
