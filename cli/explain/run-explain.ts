import { createCollector } from '../detect/collect-findings.ts'
import { detectPipeline, type JudgementOptions } from '../detect/detect-pipeline.ts'
import { readEvents } from '../detect/read-inputs.ts'
import { readStates } from '../detect/read-states.ts'
import { Exit, type Io } from '../io.ts'
import { explainEvent } from './explain-event.ts'
import { rulesExplainer } from './explain-rules.ts'
import type { Explanation, PassedOver } from './explanation.ts'
import { explanationText, passedOverText } from './explanation-text.ts'
import { createObserver } from './observe.ts'
import { explainPassedOver } from './passed-over.ts'
import { createSearch } from './search.ts'
import { unknownText } from './unknown-id.ts'

export interface ExplainOptions extends JudgementOptions {
  state: string[]
  events: string[]
  format: 'text' | 'json'
}

/** The explanations go to stdout: one for each event of that id (Azure's calls may share one). */
export async function runExplain(id: string, options: ExplainOptions, io: Io): Promise<void> {
  const observer = createObserver()
  const search = createSearch(id)
  const { pipeline, rules, mappings, hashKey } = detectPipeline(options, observer.trace)
  const problems: string[] = []
  const states = await readStates(options.state, { mappings, hashKey, problems })
  const collector = createCollector(observer.watch(pipeline, search.isWanted), states)
  const passedOver: PassedOver[] = []
  const unread: string[] = []
  const bad = await readEvents(options, {
    hashKey,
    whole: true,
    problems,
    onEvent(event) {
      search.note(event)
      collector.add(event)
    },
    onBegun: collector.begin,
    onSkipped(record) {
      if (record.eventId?.split('|')[0] === id) passedOver.push(explainPassedOver(id, record))
    },
    onBad({ bytes, message }) {
      if (bytes.includes(id)) unread.push(`the record with ${id} could not be read: ${message}`)
    },
  })
  const alerts = collector.alerts(new Date())
  for (const problem of problems) io.stderr.write(`${problem}\n`)
  if (observer.observed.length + passedOver.length === 0)
    throw new Exit(1, unread[0] ?? unknownText(id, search.ids, alerts))

  const { nameOf } = search
  const end = { alerts, status: collector.status, rules: rulesExplainer(rules), nameOf }
  const explanations = observer.observed.map((observed) =>
    explainEvent(observed, { mappings, readFrom: search.originsOf(observed.raw), end }),
  )
  io.stdout.write(
    options.format === 'json' ? jsonOf(explanations, passedOver) : textOf(explanations, passedOver),
  )
  if (problems.length > bad.records) throw new Exit(1)
}

function jsonOf(...explained: [readonly Explanation[], readonly PassedOver[]]): string {
  return `${JSON.stringify(explained.flat(), null, 2)}\n`
}

function textOf(explanations: readonly Explanation[], passedOver: readonly PassedOver[]): string {
  return [...explanations.map(explanationText), ...passedOver.map(passedOverText)].join('\n\n')
}
