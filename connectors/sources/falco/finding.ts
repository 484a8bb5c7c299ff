import type { JsonObject } from '../../json.ts'

/** falco.outputs.response, as it is decoded: enums and nanoseconds are numbers, 64 bits a text. */
export interface FalcoResponse {
  time: { seconds: string; nanos: number } | null
  priority: number
  rule: string
  output: string
  output_fields: Record<string, string>
  hostname: string
  tags: string[]
  source: string
}

const priorities = [
  'Emergency',
  'Alert',
  'Critical',
  'Error',
  'Warning',
  'Notice',
  'Informational',
  'Debug',
] as const

/** The finding as http_output would have written it, so that it has the same id by whatever way it comes. */
export function findingOf(response: FalcoResponse): JsonObject {
  const { time, priority, rule, output, output_fields, hostname, tags, source } = response
  return {
    hostname,
    output,
    output_fields: Object.fromEntries(
      Object.entries(output_fields).map(([name, value]) => [name, value === 'null' ? null : value]),
    ),
    priority: priorities[priority] ?? String(priority),
    rule,
    source,
    tags,
    time: time && timeText(time),
  }
}

/** With nine digits of a second. What is no time stays as it is, and is found out when the finding is read. */
function timeText({ seconds, nanos }: { seconds: string; nanos: number }): string {
  const date = new Date(Number(seconds) * 1000)
  if (Number.isNaN(date.getTime())) return seconds
  return `${date.toISOString().slice(0, -'.000Z'.length)}.${String(nanos).padStart(9, '0')}Z`
}
