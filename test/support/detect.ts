import { createMappings, loadMappings, type Mappings } from '../../mappings/index.ts'
import { type Detection, detect } from '../../processors/detect/detect.ts'
import type { DetectContext } from '../../processors/detect/step.ts'
import type { CloudCall, JsonObject, NoFinding, StateRow } from '../../processors/finding.ts'
import { keysOf } from '../../processors/identity.ts'

export const mappings = loadMappings()

export const context: DetectContext = {
  mappings,
  isSensitive: (_, attribute) => /password$/.test(attribute),
  unmanagedAny: false,
}

/** For `judge` and `alerts`: the mappings of a service named test, from YAML without its name. */
export function mapped(text: string): { mappings: Mappings } {
  return { mappings: createMappings([{ file: 'test.yaml', text: `service: test.amazonaws.com\n${text}` }]) }
}

/** A call as normalize makes it, with only what a test is about. */
export function call(
  service: string,
  name: string,
  request: JsonObject,
  more: Partial<CloudCall> = {},
): CloudCall {
  return {
    eventId: 'event-1',
    provider: 'aws',
    account: '123456789012',
    region: 'eu-west-1',
    service: `${service}.amazonaws.com`,
    name,
    time: Date.UTC(2026, 2, 1),
    actor: {
      type: 'IAMUser',
      name: 'alice',
      email: null,
      arn: null,
      principalId: null,
      account: '123456789012',
      sessionIssuer: null,
      tool: 'cli',
      sourceIp: null,
      mfa: null,
    },
    sourceEvent: { id: 'event-1', source: `${service}.amazonaws.com`, name, time: '2026-03-01T00:00:00Z' },
    request,
    response: {},
    ...more,
  }
}

export function row(type: string, attributes: JsonObject, more: Partial<StateRow> = {}): StateRow {
  const address = more.address ?? `${type}.this`
  return {
    key: `lineage|${address}`,
    source: 'terraform.tfstate',
    lineage: 'lineage',
    serial: 1,
    address,
    type,
    name: 'this',
    account: '123456789012',
    region: 'eu-west-1',
    id: typeof attributes.id === 'string' ? attributes.id : '',
    arn: typeof attributes.arn === 'string' ? attributes.arn : null,
    deposedKey: null,
    dependencies: [],
    directDependencies: [],
    attributes,
    ...more,
  }
}

/** Detects against these rows, looking up what the plan asks for and nothing else. */
export function judge(
  one: CloudCall,
  rows: StateRow[],
  with_: Partial<DetectContext> = {},
): Detection | NoFinding {
  const known = { ...context, ...with_ }
  const plan = detect(one, known)
  if (typeof plan === 'string') return plan
  const asked = new Set(plan.keys)
  return plan.judge((key) => {
    if (!asked.has(key)) throw new Error(`the plan did not ask for ${key}`)
    return rows.filter((candidate) => keysOf(candidate, known.mappings).includes(key))
  })
}

/** The same; the alerts only. */
export function alerts(one: CloudCall, rows: StateRow[], with_: Partial<DetectContext> = {}) {
  const detection = judge(one, rows, with_)
  if (typeof detection === 'string') return []
  return detection.findings.filter(({ reason }) => reason === null).map(({ finding }) => finding)
}
