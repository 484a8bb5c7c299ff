import type { Accuracy, AccuracyTable } from './accuracy.ts'
import { textTable } from './text-table.ts'

const HEAD = ['', '', 'cases', 'quiet', 'blind', 'failed', 'alerts', 'precision', 'recall']

/** The table by provider and service, and in one line what it comes to. */
export function accuracyText({ services, providers, total, blind: unseen }: AccuracyTable): string {
  const rows = providers.flatMap(({ provider, ...sum }) => [
    ...services.filter((own) => own.provider === provider).map((own) => row(provider, own.service, own)),
    row(provider, 'together', sum),
  ])
  const table = textTable([HEAD, ...rows, row('all', '', total), row('all', 'blind', unseen)], {
    left: 2,
  })
  const { cases, failed, quiet, blind } = total
  const outcome = failed === 0 ? 'all as expected' : `${failed} failed`
  return `${table}\n${cases} cases, ${quiet} of them quiet, ${blind} blind: ${outcome}\n`
}

function row(provider: string, service: string, own: Accuracy): string[] {
  const numbers = [own.cases, own.quiet, own.blind, own.failed, own.alerts]
  return [provider, service, ...numbers.map(String), shareText(own.precision), shareText(own.recall)]
}

/** Cut off, never rounded up: 1.000 is all. */
function shareText(share: number | null): string {
  return share === null ? '-' : (Math.floor(share * 1000) / 1000).toFixed(3)
}
