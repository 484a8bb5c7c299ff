import type { Coverage } from './coverage.ts'
import type { LogCoverage, LogStatus } from './log-coverage.ts'
import { textTable } from './text-table.ts'

const words: Record<LogStatus, string> = {
  compared: 'compared',
  mapped: 'mapped, no case',
  noEffect: 'no effect',
  unmapped: 'unmapped',
}

/** Every call with its case, then the numbers by provider and service. */
export function coverageText({ calls, services, providers }: Coverage): string {
  const list = calls.map(({ provider, service, call, status, fixture }) => [
    provider,
    service,
    call,
    words[status],
    fixture ? `${fixture.file}: ${fixture.name}` : '',
  ])
  const head = ['', '', words.compared, words.mapped, words.noEffect]
  const numbers = ({ compared, mapped, noEffect }: Coverage['providers'][number]) =>
    [compared, mapped, noEffect].map(String)
  const rows = providers.flatMap((sum) => [
    ...services
      .filter(({ provider }) => provider === sum.provider)
      .map((own) => [own.provider, own.service, ...numbers(own)]),
    [sum.provider, 'together', ...numbers(sum)],
  ])
  return `${textTable(list, { left: 5 })}\n${textTable([head, ...rows], { left: 2 })}`
}

/** Every call of the logs, most frequent first, then what their events come to. */
export function logCoverageText({ events, passedOver, totals, calls }: LogCoverage): string {
  const list = calls.map(({ provider, service, call, status, events: own }) => [
    provider,
    service,
    call,
    words[status],
    String(own),
  ])
  const sums = [
    ['events read', String(events)],
    ...Object.entries(passedOver).map(([reason, number]) => [`  passed over: ${reason}`, String(number)]),
    ...Object.entries(totals).map(([status, number]) => [`  ${words[status as LogStatus]}`, String(number)]),
  ]
  const table = list.length > 0 ? `${textTable(list, { left: 4 })}\n` : ''
  return `${table}${textTable(sums, { left: 1 })}`
}
