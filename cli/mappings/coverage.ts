import type { Mappings } from '../../mappings/index.ts'
import { callsOf } from './calls-of.ts'
import type { CaseProvider } from './envelope.ts'
import type { Case } from './read-cases.ts'

/**
 * - `compared`: mapped, and a labelled case expects an alert of it
 * - `mapped`: without such a case; not to be relied on
 * - `noEffect`: changes nothing that Terraform declares
 */
export type CallStatus = 'compared' | 'mapped' | 'noEffect'

export interface CallCoverage {
  provider: CaseProvider
  /** As in the name of the file of its cases: ec2, compute, network. */
  service: string
  /** ModifyInstanceAttribute, compute.firewalls.patch, networksecuritygroups/write */
  call: string
  status: CallStatus
  /** The first case that expects an alert of it. */
  fixture: { file: string; name: string } | null
}

export interface Coverage {
  providers: (Record<CallStatus, number> & { provider: CaseProvider })[]
  services: (Record<CallStatus, number> & { provider: CaseProvider; service: string })[]
  calls: CallCoverage[]
}

/** What the mappings compare, as far as the cases prove it. Sorted by provider, service and call. */
export async function coverageOf(mappings: Mappings, cases: readonly Case[]): Promise<Coverage> {
  const fixtures = await fixturesOf(cases)
  const calls = mappings
    .calls()
    .map(({ service, call, effects }): CallCoverage => {
      const fixture = fixtures.get(`${service} ${call}`) ?? null
      // What only takes a deletion back never gives an alert.
      const quiet = effects.every((effect) => 'restore' in effect)
      const status = quiet ? 'noEffect' : fixture ? 'compared' : 'mapped'
      return { ...placeOf(service), call, status, fixture: status === 'compared' ? fixture : null }
    })
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
  return {
    providers: sums(calls, ({ provider }) => ({ provider })),
    services: sums(calls, ({ provider, service }) => ({ provider, service })),
    calls,
  }
}

/** The first case of each call that expects an alert. One of several calls does not say which of them gives it. */
async function fixturesOf(cases: readonly Case[]): Promise<Map<string, { file: string; name: string }>> {
  const found = new Map<string, { file: string; name: string }>()
  for (const one of cases.filter(({ expect }) => expect.length > 0)) {
    const [call, ...others] = new Set((await callsOf(one)).map(({ service, name }) => `${service} ${name}`))
    const { file, name } = one
    if (call !== undefined && others.length === 0 && !found.has(call)) found.set(call, { file, name })
  }
  return found
}

/** ec2.amazonaws.com, compute.googleapis.com, microsoft.network */
export function placeOf(service: string): { provider: CaseProvider; service: string } {
  if (/^microsoft\./i.test(service)) return { provider: 'azure', service: service.slice('microsoft.'.length) }
  const provider = service.endsWith('.googleapis.com') ? 'gcp' : 'aws'
  return { provider, service: service.split('.')[0]! }
}

function sums<Key extends object>(
  calls: readonly CallCoverage[],
  keyOf: (call: CallCoverage) => Key,
): (Key & Record<CallStatus, number>)[] {
  const found = new Map<string, Key & Record<CallStatus, number>>()
  for (const call of calls) {
    const key = keyOf(call)
    const text = JSON.stringify(key)
    const sum = found.get(text) ?? { ...key, compared: 0, mapped: 0, noEffect: 0 }
    found.set(text, { ...sum, [call.status]: sum[call.status] + 1 })
  }
  return [...found.values()]
}

function sortKey({ provider, service, call }: CallCoverage): string {
  return [PROVIDERS.indexOf(provider), service, call].join(' ')
}

const PROVIDERS: readonly CaseProvider[] = ['aws', 'gcp', 'azure']
