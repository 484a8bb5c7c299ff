import type { AlertStatus, StatusChange, Verdict } from '../schemas/types.ts'
import type { Detection } from './detect/detect.ts'
import { advance, type Step } from './life.ts'
import { lastWord } from './verdicts.ts'

/**
 * A drift after its events have been judged again, by the state of now: where that says what the cloud has, or holds the
 * resource no longer, nothing differs. What could not be judged again stays as it is. The same row: nothing is new.
 */
export function adopt(row: AlertStatus, judged: ReadonlyMap<string, Detection>, now: Date): Step {
  const isOver = (verdict: Verdict) => {
    const detection = judged.get(verdict.eventId)
    return verdict.differs && detection !== undefined && !differs(verdict, detection, row.driftId)
  }
  const over = row.verdicts.filter(isOver)
  if (over.length === 0) return { row, repeats: [] }
  const verdicts = row.verdicts.map((one) => (over.includes(one) ? { ...one, differs: false } : one))
  const deciding = new Set(verdicts.filter((one) => one.differs).map(({ eventId }) => eventId))
  const causes = row.causes.filter(({ eventId }) => deciding.has(eventId))
  const news = { ...row, ...lastWord(verdicts), causes }
  if (deciding.size > 0) return { row: news, repeats: [] }
  const change: StatusChange = {
    by: 'state',
    actor: null,
    at: now.toISOString(),
    reason: stateOf(row, judged),
    until: null,
  }
  return advance(news, 'adopted', change)
}

function differs({ slot }: Verdict, { findings, reason }: Detection, driftId: string): boolean {
  const mine = findings.find(({ finding }) => finding.driftId === driftId)
  // Under another name, or not at all: then all that the event did counts.
  if (!mine || mine.reason !== null) return (mine ?? { reason }).reason === null
  const verdict = mine.finding.verdicts.find((one) => one.slot === slot)
  // What is not compared is not said where something else differs.
  return verdict?.differs ?? slot.startsWith('call:')
}

/** Which state it was, and of what serial. */
function stateOf({ driftId }: AlertStatus, judged: ReadonlyMap<string, Detection>): string {
  for (const { findings } of judged.values()) {
    const state = findings.find(({ finding }) => finding.driftId === driftId)?.finding.resource?.state
    if (state) return `${state.source}, serial ${state.serial}`
  }
  return 'no state holds it'
}
