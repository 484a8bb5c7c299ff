import type { RawEvent } from '../../schemas/types.ts'
import { copyKey, createCollector } from '../detect/collect-findings.ts'
import { detectPipeline } from '../detect/detect-pipeline.ts'
import { readEvents } from '../detect/read-inputs.ts'
import { readStates } from '../detect/read-states.ts'
import { Exit, type Io } from '../io.ts'
import { callOf, explainEvent } from './explain-event.ts'
import { rulesExplainer } from './explain-rules.ts'
import type { PassedOver } from './explanation.ts'
import { explanationText, passedOverText } from './explanation-text.ts'
import { createObserver } from './observe.ts'
import { explainPassedOver } from './passed-over.ts'
import { unknownText } from './unknown-id.ts'

export interface ExplainOptions {
  state: string[]
  events: string[]
  rules?: string[]
  format: 'text' | 'json'
}

/** The explanations go to stdout: one for each event of that id (Azure's calls may share one). */
export async function runExplain(id: string, options: ExplainOptions, io: Io): Promise<void> {
  const observer = createObserver()
  const { pipeline, rules, mappings, hashKey } = detectPipeline(options.rules, observer.trace)
  const problems: string[] = []
  const states = await readStates(options.state, { mappings, hashKey, problems })
  const wanted = new Set<string>()
  const collector = createCollector(
    observer.watch(pipeline, (raw) => wanted.has(copyKey(raw))),
    states,
  )
  const origins = new Map<string, string[]>()
  const ids = new Set<string>()
  const names = new Map<string, string>()
  const passedOver: PassedOver[] = []
  const bad = await readEvents(options, {
    hashKey,
    problems,
    onEvent(event) {
      const shown = shownId(event, id)
      ids.add(shown)
      names.set(event.eventId, event.name)
      if (shown === id || event.eventId === id) {
        const key = copyKey(event)
        wanted.add(key)
        origins.set(key, [...(origins.get(key) ?? []), event.origin])
      }
      collector.add(event)
    },
    onSkipped(record) {
      if (record.eventId?.split('|')[0] === id) passedOver.push(explainPassedOver(id, record))
    },
  })
  const alerts = collector.alerts(new Date())
  for (const problem of problems) io.stderr.write(`${problem}\n`)
  if (observer.observed.length + passedOver.length === 0) throw new Exit(1, unknownText(id, ids, alerts))

  const nameOf = (eventId: string) => names.get(eventId) ?? ''
  const end = { alerts, status: collector.status, rules: rulesExplainer(rules), nameOf }
  const explanations = observer.observed.map((observed) =>
    explainEvent(observed, { mappings, readFrom: origins.get(copyKey(observed.raw))!, end }),
  )
  io.stdout.write(
    options.format === 'json'
      ? `${JSON.stringify([...explanations, ...passedOver], null, 2)}\n`
      : [...explanations.map(explanationText), ...passedOver.map(passedOverText)].join('\n\n'),
  )
  if (problems.length > bad.records) throw new Exit(1)
}

/** The id that the cloud's console shows. A payload is looked into only where it may be the wanted one. */
function shownId(event: RawEvent, id: string): string {
  if (event.provider === 'falco' || !event.payload.includes(id)) return readableId(event)
  return callOf(event)?.sourceEvent.id ?? readableId(event)
}

/** Google's and Azure's begin with it. */
function readableId({ provider, eventId }: RawEvent): string {
  return provider === 'gcp' || provider === 'azure' ? eventId.split('|')[0]! : eventId
}
