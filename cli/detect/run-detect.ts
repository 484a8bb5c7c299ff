import { alertJson } from '../../connectors/alert-json.ts'
import { formatAlert } from '../../connectors/sinks/console-format.ts'
import { formats } from '../../connectors/sinks/formats/index.ts'
import { compareSeverity } from '../../processors/severity.ts'
import type { Alert, Severity } from '../../schemas/types.ts'
import { EXIT_FINDINGS, Exit, type Io, wantsColour } from '../io.ts'
import { createCollector } from './collect-findings.ts'
import { detectPipeline, type JudgementOptions } from './detect-pipeline.ts'
import { funnelText } from './funnel.ts'
import { isPrinted } from './is-printed.ts'
import { readEvents } from './read-inputs.ts'
import { readStates } from './read-states.ts'

export interface DetectOptions extends JudgementOptions {
  state: string[]
  events: string[]
  format: string
  failOn?: Severity
  /** Epoch milliseconds. */
  from?: number
  /** Epoch milliseconds, exclusive. */
  to?: number
  uncompared?: boolean
  color?: boolean
}

/** The alerts go to stdout, the funnel and what could not be read to stderr. */
export async function runDetect(options: DetectOptions, io: Io): Promise<void> {
  const format = formatter(options, io)
  const { pipeline, mappings, hashKey } = detectPipeline(options)
  const problems: string[] = []
  const states = await readStates(options.state, { mappings, hashKey, problems })
  const collector = createCollector(pipeline, states)
  const bad = await readEvents(options, {
    hashKey,
    problems,
    onEvent: collector.add,
    onBegun: collector.begin,
  })
  const alerts = collector.alerts(new Date())

  io.stdout.write(format(alerts.filter((alert) => isPrinted(alert) || options.uncompared)))
  for (const problem of problems) io.stderr.write(`${problem}\n`)
  for (const [rule, { alerts: of, error }] of collector.ruleErrors)
    io.stderr.write(`rule ${rule}: its expression cannot be evaluated, of ${of} alerts, such as: ${error}\n`)
  io.stderr.write(funnelText({ funnel: collector.funnel, alerts, bad, resources: states.size }))
  if (problems.length > bad.records) throw new Exit(1)
  if (options.failOn && alerts.some((alert) => fails(alert, options.failOn!))) throw new Exit(EXIT_FINDINGS)
}

function fails(alert: Alert, threshold: Severity): boolean {
  return alert.status === 'open' && isPrinted(alert) && compareSeverity(alert.severity, threshold) <= 0
}

function formatter({ format, color }: DetectOptions, io: Io): (alerts: readonly Alert[]) => string {
  if (format === 'text') {
    const style = { colour: wantsColour(io, color), ...(io.stdout.columns && { width: io.stdout.columns }) }
    return (alerts) => alerts.map((alert) => `${formatAlert(alertJson(alert), style)}\n\n`).join('')
  }
  if (!Object.hasOwn(formats, format)) {
    throw new Exit(1, `--format ${format}: choose one of text, ${Object.keys(formats).join(', ')}`)
  }
  const chosen = formats[format as keyof typeof formats]
  return (alerts) => chosen(alerts.map(alertJson))
}
