import { aFinding } from '../formats/a-falco-finding.ts'
import type { WireFinding } from './wire.ts'

/** The finding of `aFinding` as the gRPC output gives it: every field is a text, and an absent one `null`. */
export function aWireFinding(
  fields: Record<string, unknown> = {},
  changes: Partial<WireFinding> = {},
): WireFinding {
  const { rule, output, hostname, tags, source, output_fields } = aFinding(fields) as never as WireFinding & {
    output_fields: Record<string, unknown>
  }
  const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return {
    seconds: 1772359201,
    nanos: 0,
    priority: 4,
    rule,
    output,
    fields: Object.fromEntries(Object.entries(output_fields).map(([name, value]) => [name, asText(value)])),
    hostname,
    tags,
    source,
    ...changes,
  }
}
