import type { AlertJson } from '../../alert-json.ts'

/** `11, 3 of them direct`; null where nothing depends on the resource, or it is not known. */
export function dependentsText({ blastRadius }: AlertJson): string | null {
  if (!blastRadius || blastRadius.totalDependents === 0) return null
  const { directDependents: direct, totalDependents: all } = blastRadius
  return direct === all ? `${all}, direct` : `${all}, ${direct} of them direct`
}

/** Some of the earlier changes, the newest first, a line each. What is left out is said. */
export function historyLines({ changeHistory }: AlertJson, max: number): string[] {
  const lines = changeHistory.slice(0, max).map(({ time, actor, event, attributes }) => {
    const about = attributes.length > 0 ? `: ${attributes.join(', ')}` : ''
    return `${time} ${actor} ${event}${about}`
  })
  const more = changeHistory.length - lines.length
  return more > 0 ? [...lines, `… ${more} more`] : lines
}
