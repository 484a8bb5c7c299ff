import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createContext } from '../../cli/context.ts'
import { createCollector } from '../../cli/detect/collect-findings.ts'
import { readEvents } from '../../connectors/sources/read-events.ts'
import { parseState } from '../../connectors/sources/terraform-state/parse.ts'
import { toSnapshots } from '../../connectors/sources/terraform-state/snapshot.ts'
import { canonicalText } from '../../processors/compare/canonical.ts'
import { statements } from '../../processors/compare/policy.ts'
import type { Json } from '../../processors/finding.ts'
import { createMatcher } from '../../processors/match.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import { createStateIndex } from '../../processors/state-index.ts'
import { stateRow } from '../../processors/state-row.ts'
import type { Alert } from '../../schemas/types.ts'

interface Case {
  name: string
  why: string
  doubt?: string
  state?: object[]
  states?: object[][]
  event?: object
  events?: object[]
  expect: Expected[]
  reason?: string
}

interface Expected {
  type: string
  resourceType: string
  id: string | null
  address: string | null
  diffs: { attribute: string; oldValue?: Json; newValue?: Json; changeType: string; sensitive?: boolean }[]
  alsoManagedBy?: number
}

const hashKey = Buffer.alloc(32, 7)
const context = createContext({ hashKey, unmanagedAny: false })
const folder = path.join(import.meta.dirname, 'cases')

async function judge(one: Case): Promise<{ alerts: Alert[]; reasons: string[] }> {
  const states = createStateIndex(context.mappings)
  for (const [i, resources] of (one.states ?? [one.state ?? []]).entries()) {
    const state = {
      version: 4,
      terraform_version: '1.9.0',
      serial: 1,
      lineage: `lineage-${i}`,
      outputs: {},
      resources,
    }
    const parsed = parseState(Buffer.from(JSON.stringify(state)), `state-${i}.tfstate`)
    for (const { key, value } of toSnapshots(parsed, { hashKey, capturedAt: 0 })) {
      const row = stateRow(key, value)
      if (row) states.add(row)
    }
  }
  const pipeline = createPipeline({ context, matcher: createMatcher([]), admits: () => true })
  const collector = createCollector(pipeline, states)
  const bytes = Buffer.from(JSON.stringify({ Records: one.events ?? [one.event] }))
  for (const reading of await readEvents(bytes, { origin: 'case', receivedAt: 0, hashKey })) {
    if ('event' in reading) collector.add(reading.event)
    else expect(reading, 'only data events are left out before').toMatchObject({ skipped: 'data-event' })
  }
  const alerts = collector.alerts(new Date(0)).filter(({ compared }) => compared)
  return { alerts, reasons: [...collector.funnel.counts.keys()] }
}

/** Both sides in one form: what a set or a policy lost and gained, whatever the order and spelling. */
function comparable(value: Json | undefined): string[] {
  if (value === null || value === undefined) return []
  if (!Array.isArray(value)) return [canonicalText(value)]
  const policy = statements({ Statement: value }, { trust: false })
  const isPolicy = value.every((one) => typeof one === 'object' && one !== null && 'Effect' in one)
  return (isPolicy && policy ? [...policy.keys()] : value.map(withoutDescription)).sort()
}

/** Rule by rule; a single rule's empty parts and description say nothing. */
function withoutDescription(value: Json): string {
  return canonicalText(value)
}

function actual({ alerts }: { alerts: Alert[] }) {
  return alerts.map(({ type, resource, diffs }) => ({
    type,
    resourceType: resource!.type,
    id: resource!.id,
    address: resource!.address,
    alsoManagedBy: resource!.alsoManagedBy.length,
    diffs: diffs
      .map(({ oldValue, newValue, attribute, changeType, sensitive }) => ({
        attribute,
        changeType,
        sensitive,
        oldValue: comparable(oldValue === null ? null : (JSON.parse(oldValue) as Json)),
        newValue: comparable(newValue === null ? null : (JSON.parse(newValue) as Json)),
      }))
      .sort((a, b) => (a.attribute < b.attribute ? -1 : 1)),
  }))
}

function expected(list: readonly Expected[], got: ReturnType<typeof actual>) {
  return list.map((one) => ({
    ...one,
    id: one.id ?? got.find(({ resourceType }) => resourceType === one.resourceType)?.id,
    alsoManagedBy: one.alsoManagedBy ?? 0,
    diffs: one.diffs
      .map((diff) => ({
        attribute: diff.attribute,
        changeType: diff.changeType,
        sensitive: diff.sensitive ?? false,
        oldValue: comparable(diff.oldValue),
        newValue: comparable(diff.newValue),
      }))
      .sort((a, b) => (a.attribute < b.attribute ? -1 : 1)),
  }))
}

const sorted = <T>(list: T[]): T[] =>
  [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  describe(path.basename(file, '.json'), () => {
    const cases = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Case[]
    it.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
      const result = await judge(one)
      const got = actual(result)
      expect(sorted(got), one.doubt ?? one.why).toEqual(sorted(expected(one.expect, got)))
      if (one.reason && !one.doubt) expect(result.reasons, one.why).toContain(one.reason)
    })
  })
}
