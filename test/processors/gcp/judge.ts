import { createContext } from '../../../cli/context.ts'
import { createCollector } from '../../../cli/detect/collect-findings.ts'
import { readRules } from '../../../cli/read-rules.ts'
import { readEvents } from '../../../connectors/sources/read-events.ts'
import { parseState } from '../../../connectors/sources/terraform-state/parse.ts'
import { toSnapshots } from '../../../connectors/sources/terraform-state/snapshot.ts'
import type { JsonObject } from '../../../processors/finding.ts'
import { createMatcher } from '../../../processors/match.ts'
import { createPipeline } from '../../../processors/pipeline.ts'
import { createStateIndex } from '../../../processors/state-index.ts'
import { stateRow } from '../../../processors/state-row.ts'

const hashKey = Buffer.alloc(32, 7)
export const context = createContext({ hashKey, unmanagedAny: false })
const documented = readRules({ shipped: true, folders: [] }).filter(({ file }) =>
  file.endsWith('gcp-security-critical.yaml'),
)
const matcher = createMatcher(documented)

/** What the mapping of an update compares. */
export function comparedBy(service: string, call: string): string[] {
  const effects = context.mappings.effects(service, call) ?? []
  return effects.flatMap((effect) => ('attributes' in effect ? Object.values(effect.attributes) : []))
}

/** From the bytes of a sink's file to the alerts of `detect`, through the same steps as in the product. */
export async function judge(state: JsonObject[], ...entries: JsonObject[]) {
  const states = createStateIndex(context.mappings)
  const document = { version: 4, serial: 1, lineage: 'l', outputs: {}, resources: state }
  const parsed = parseState(Buffer.from(JSON.stringify(document)), 'gcp.tfstate')
  for (const { key, value } of toSnapshots(parsed, { hashKey, capturedAt: 0 })) {
    const row = stateRow(key, value)
    if (row) states.add(row)
  }
  const collector = createCollector(createPipeline({ context, matcher, admits: () => true }), states)
  const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  for (const reading of await readEvents(bytes, { origin: 'file', receivedAt: 0, hashKey })) {
    if ('event' in reading) collector.add(reading.event)
  }
  const alerts = collector.alerts(new Date(0)).map(({ resource, diffs, ...rest }) => ({
    ...rest,
    address: resource?.address,
    resource: `${resource?.type} ${resource?.id}`,
    diffs: diffs.map(({ attribute, oldValue, newValue }) => [
      attribute,
      JSON.parse(oldValue ?? 'null'),
      JSON.parse(newValue ?? 'null'),
    ]),
  }))
  return { alerts, reasons: Object.fromEntries(collector.funnel.counts) }
}

export function managed(type: string, name: string, attributes: JsonObject): JsonObject {
  const provider = 'provider["registry.terraform.io/hashicorp/google"]'
  return { mode: 'managed', type, name, provider, instances: [{ attributes }] }
}
