import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parsedByBuild } from '../../mappings/parsed.ts'
import type { JsonObject } from '../../processors/finding.ts'
import { resourcesOf } from '../../processors/rules/written-state.ts'
import { type ConfigDocument, parseYaml } from '../config/document.ts'
import { ConfigError, type Fault, type FieldPath, formatField } from '../config/faults.ts'
import { complaints, issueText } from '../config/issues.ts'
import { type Expected, labelledCase, type WrittenCase } from './case-format.ts'
import { type CaseProvider, caseProviders, fillEnvelope } from './envelope.ts'

/** A labelled case: what these events must give with these states. */
export interface Case {
  /** aws/ec2.blind.yaml */
  file: string
  provider: CaseProvider
  /** ec2 */
  service: string
  /** Written by somebody who has not looked at the extraction code. */
  blind: boolean
  name: string
  cite: string
  why: string | null
  /** What the contract leaves open here: what is expected is a choice. */
  doubt: string | null
  /** Whole records, as the provider's log has them. */
  events: readonly JsonObject[]
  /** Of each state its `resources[]`, in the form of Terraform's v4. */
  states: readonly (readonly JsonObject[])[]
  expect: readonly Expected[]
  reason: string | null
}

export const shippedCases = path.join(import.meta.dirname, '../../mappings/cases')

let shipped: readonly Case[] | null = null

/** The cases that ship with the product. They do not change, and to read them takes seconds. */
export function loadCases(): readonly Case[] {
  shipped ??= readCases(shippedCases)
  return shipped
}

/** The cases of PROVIDER/SERVICE.yaml in the folder, by file. Throws ConfigError with the faults of all files. */
export function readCases(folder: string): Case[] {
  const faults: Fault[] = []
  const cases = filesIn(folder).flatMap((file) => {
    try {
      return casesOf(folder, file)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      faults.push(...error.faults)
      return []
    }
  })
  if (faults.length > 0) throw new ConfigError(faults)
  return cases
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => file.endsWith('.yaml'))
    .sort()
}

function casesOf(folder: string, file: string): Case[] {
  const place = path.join(folder, file)
  const [, provider, service, blind] = /^(\w+)\/([\w-]+)(\.blind)?\.yaml$/.exec(file) ?? []
  if (!isProvider(provider) || service === undefined) {
    const fix = `name it ${caseProviders.join('|')}/SERVICE.yaml, or …/SERVICE.blind.yaml`
    throw new ConfigError([
      { file: place, line: null, column: null, field: '', message: 'is no file of cases', fix },
    ])
  }
  const document = documentOf(place)
  return writtenCases(document).map((written) => ({
    file,
    provider,
    service,
    blind: blind !== undefined,
    name: written.name,
    cite: written.cite,
    why: written.why ?? null,
    doubt: written.doubt ?? null,
    events: (written.events ?? [written.event!]).map((event, index) =>
      fillEnvelope(provider, event, { seed: `${file}\n${written.name}`, index }),
    ),
    states: (written.states ?? [written.state ?? []]).map(resourcesOf),
    expect: written.expect,
    reason: written.reason ?? null,
  }))
}

function documentOf(file: string): ConfigDocument {
  const content = parsedByBuild(file)
  if (content === undefined) return parseYaml(readFileSync(file, 'utf8'), file)
  // The build has read it, so that nothing but a case can be wrong.
  const fault = (field: FieldPath, message: string, fix: string): Fault => {
    return { file, line: null, column: null, field: formatField(field), message, fix }
  }
  return { content, fault }
}

function isProvider(name: string | undefined): name is CaseProvider {
  return (caseProviders as readonly (string | undefined)[]).includes(name)
}

/** Throws ConfigError with every fault of the file. */
function writtenCases({ content, fault }: ConfigDocument): WrittenCase[] {
  if (!Array.isArray(content)) throw new ConfigError([fault([], 'must be a list of cases', GUIDE)])
  const names = new Set<string>()
  const faults: Fault[] = []
  const cases = content.flatMap((value: unknown, index) => {
    const { data, error } = labelledCase.safeParse(value, { error: issueText })
    const name = data?.name ?? nameOf(value) ?? `case ${index + 1}`
    const told = (field: FieldPath, message: string, fix: string) => ({
      ...fault([index, ...field], message, fix),
      field: `"${name}" ${formatField(field)}`.trimEnd(),
    })
    for (const { path: field, message, fix } of complaints(error?.issues ?? []))
      faults.push(told(field, message, fix.replace('see tfdrift.example.yaml', GUIDE)))
    if (names.has(name))
      faults.push(told(['name'], 'another case has this name', 'say what is different here'))
    names.add(name)
    return data ? [data] : []
  })
  if (faults.length > 0) throw new ConfigError(faults)
  return cases
}

const GUIDE = 'see mappings/cases/README.md'

function nameOf(value: unknown): string | null {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : null
  return typeof name === 'string' ? name : null
}
