import type { Json } from '../../finding.ts'
import type { Subject } from '../subject.ts'
import { celValue, type Measures, noMeasures } from './cel-value.ts'

const text = 'string'

/** What is known of every finding, by the names that the alert has for it. An unknown text is empty. */
export const records = {
  alert: { type: text, compared: 'bool' },
  resource: {
    address: text,
    type: text,
    name: text,
    id: text,
    arn: text,
    provider: text,
    account: text,
    region: text,
  },
  actor: {
    type: text,
    name: text,
    email: text,
    arn: text,
    principalId: text,
    account: text,
    sessionIssuer: text,
    tool: text,
    sourceIp: text,
    mfa: 'dyn',
  },
  event: { id: text, source: text, name: text, service: text },
} as const

/** The elements of `diffs`. `old` and `new` are absent where the values are not shown. */
export const diffFields = {
  attribute: text,
  changeType: text,
  old: 'dyn',
  new: 'dyn',
  sensitive: 'bool',
} as const

/** The other variables, by their types. */
export const plainVariables = {
  diffs: 'list<Diff>',
  attributes: 'map',
  tags: 'map<string, string>',
  account: text,
  region: text,
  time: 'google.protobuf.Timestamp',
} as const

type Sized = 'diffs' | 'attributes' | 'tags'
const sized: readonly string[] = ['diffs', 'attributes', 'tags'] satisfies Sized[]

/** The variables of an expression, each made when it is first asked for. Nothing hidden or hashed is in them. */
export class Variables {
  readonly #subject: Subject
  readonly #made = new Map<Sized, { value: unknown; measures: Measures }>()

  constructor(subject: Subject) {
    this.#subject = subject
  }

  /** How large the largest of these variables are. */
  measures(names: Iterable<string>): Measures {
    const all = noMeasures()
    for (const name of names) {
      if (!sized.includes(name)) continue
      const { longest, text, chars, values } = this.#make(name as Sized).measures
      all.longest = Math.max(all.longest, longest)
      all.text = Math.max(all.text, text)
      all.chars += chars
      all.values += values
    }
    return all
  }

  get alert(): unknown {
    const { type, compared } = this.#subject.finding
    return { type, compared }
  }

  get resource(): unknown {
    return fill(records.resource, this.#subject.finding.resource)
  }

  get actor(): unknown {
    const { actor } = this.#subject.finding.call
    return { ...fill(records.actor, actor), mfa: actor.mfa }
  }

  get event(): unknown {
    const { sourceEvent, service } = this.#subject.finding.call
    return fill(records.event, { ...sourceEvent, service })
  }

  get account(): string {
    return this.#subject.finding.call.account
  }

  get region(): string {
    return this.#subject.finding.call.region
  }

  get time(): Date {
    return new Date(this.#subject.finding.call.time)
  }

  get diffs(): unknown {
    return this.#make('diffs').value
  }

  get attributes(): unknown {
    return this.#make('attributes').value
  }

  get tags(): unknown {
    return this.#make('tags').value
  }

  #make(name: Sized) {
    let made = this.#made.get(name)
    if (!made) {
      const measures = noMeasures()
      made = { value: celValue(this.#read(name), measures), measures }
      this.#made.set(name, made)
    }
    return made
  }

  #read(name: Sized): Json {
    const { changes, finding } = this.#subject
    if (name === 'attributes') return finding.row?.attributes ?? {}
    if (name === 'tags') return tagsIn(finding.row?.attributes ?? {})
    return changes.map(({ diff: { attribute, changeType, sensitive }, before, after }) => ({
      attribute,
      changeType,
      sensitive,
      ...(before !== undefined && { old: before }),
      ...(after !== undefined && { new: after }),
    }))
  }
}

/** Tags of AWS and Azure, labels of Google, with those that the provider's configuration adds. */
function tagsIn(attributes: { [name: string]: Json }): Json {
  const maps = [attributes.tags, attributes.tags_all, attributes.labels, attributes.effective_labels]
  const entries = maps.flatMap((map) => (map && typeof map === 'object' ? Object.entries(map) : []))
  return Object.fromEntries(entries.filter(([, value]) => typeof value === 'string'))
}

function fill(fields: object, from: object | null): Record<string, unknown> {
  const known = (from ?? {}) as Record<string, unknown>
  return Object.fromEntries(Object.keys(fields).map((name) => [name, known[name] ?? '']))
}
