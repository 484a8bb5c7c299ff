import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { callsOf } from '../../cli/mappings/calls-of.ts'
import { loadCases } from '../../cli/mappings/read-cases.ts'
import type { Effect } from '../../mappings/format.ts'
import { createMappings, loadMappings } from '../../mappings/index.ts'
import { readPath } from '../../processors/paths.ts'

const folder = path.resolve(import.meta.dirname, '../../mappings')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.yaml') && !file.startsWith('cases'),
)
const mappings = loadMappings()
const calls = mappings.calls()
const mapped = calls.flatMap(({ service, call, effects }) =>
  effects.map((effect) => ({ call: `${service} ${call}`, effect })),
)

function given(request: object, path: string): boolean {
  const value = readPath(request as never, path)
  return Array.isArray(value) && path.includes('[]') ? value.length > 0 : value !== undefined
}

function typesOf(effect: Effect): string[] {
  const inline = 'inline' in effect ? effect.inline.map(({ type }) => type) : []
  const own = ['update', 'create', 'delete', 'restore', 'put', 'remove', 'tag', 'untag'].flatMap((verb) =>
    verb in effect ? [(effect as never)[verb] as string | string[]].flat() : [],
  )
  const granted = 'grant' in effect ? Object.keys(effect.grant).map((type) => `${type}_member`) : []
  return [...own, ...inline, ...granted].filter((type) => !type.startsWith('by-'))
}

describe('the mappings that ship', () => {
  it('are all the files that there are', () => {
    const services = new Set(calls.map(({ service }) => service))
    expect(services.size).toBe(files.length)
  })

  it('name every call once', () => {
    for (const file of files) {
      const text = readFileSync(path.join(folder, file), 'utf8')
      const names = createMappings([{ file, text }])
        .calls()
        .map(({ call }) => call)
      const listed = [...text.matchAll(/^ {2}([A-Z]\w+):|^ {2}- ([A-Z]\w+)$/gm)].map(([, a, b]) => a ?? b)
      expect(new Set(listed).size, file).toBe(listed.length)
      expect(new Set(names).size, file).toBe(names.length)
    }
  })

  it('describe every type that their calls touch', () => {
    const unknown = mapped.flatMap(({ call, effect }) =>
      typesOf(effect).flatMap((type) => (mappings.knows(type) ? [] : [`${call}: ${type}`])),
    )
    expect(unknown).toEqual([])
  })

  it('set back only what they compare', () => {
    const astray = mapped.flatMap(({ call, effect }) => {
      if (!('revert' in effect)) return []
      const compared = new Set([
        ...('attributes' in effect
          ? Object.values(effect.attributes).flatMap((names) => names.split(' | '))
          : []),
        ...('adds' in effect ? [...Object.values(effect.adds), ...Object.values(effect.takes)] : []),
        ...('set' in effect ? Object.keys(effect.set) : []),
        ...('inline' in effect ? effect.inline.map(({ attribute }) => attribute) : []),
      ])
      return Object.keys(effect.revert).flatMap((name) => (compared.has(name) ? [] : [`${call}: ${name}`]))
    })
    expect(astray).toEqual([])
  })

  it('give a default only to what they compare', () => {
    const astray = mapped.flatMap(({ call, effect }) =>
      'defaults' in effect
        ? Object.keys(effect.defaults).flatMap((name) =>
            Object.hasOwn(effect.attributes, name) ? [] : [`${call}: ${name}`],
          )
        : [],
    )
    expect(astray).toEqual([])
  })

  it('R36 compare nothing that only the provider computes', () => {
    const computed =
      /^(arn|owner_id|etag|fingerprint|generation|metageneration|self_link|last_modified|\w+_last_modified|unique_id|creation_(time(stamp)?|date)|created?_(at|date|time)|time_created|last_updated_(at|date|time)|update_time)$/
    // The target of a rule is what its `arn` says.
    const settable = ['events.amazonaws.com PutTargets: arn']
    const found = mapped.flatMap(({ call, effect }) => {
      const compared = [
        ...('attributes' in effect ? Object.values(effect.attributes) : []),
        ...('set' in effect ? Object.keys(effect.set) : []),
      ]
      return compared
        .flatMap((names) => names.split(' | '))
        .flatMap((name) => (computed.test(name) ? [`${call}: ${name}`] : []))
    })
    expect([...new Set(found)]).toEqual(settable)
  })

  it('tell the type of a resource by its id', () => {
    expect(mappings.typesOfId('i-0abc')).toEqual(['aws_instance'])
    expect(mappings.typesOfId('vpce-0abc')).toEqual(['aws_vpc_endpoint'])
    expect(mappings.typesOfId('sg-0abc')).toEqual(['aws_security_group', 'aws_default_security_group'])
    expect(mappings.typesOfId('coffee')).toEqual([])
  })
})

describe('nothing is claimed that no labelled case drives', () => {
  const requests = new Map<string, object[]>()
  beforeAll(async () => {
    for (const one of loadCases()) {
      for (const { service, name, request, response } of await callsOf(one)) {
        const key = `${service} ${name}`
        requests.set(key, [...(requests.get(key) ?? []), { ...request, response }])
      }
    }
  }, 240_000)

  // The cases are of AWS; those of Azure stand in test/processors/azure.
  const isAws = (call: string) => /^[\w-]+\.amazonaws\.com /.test(call)

  it.each(calls.map(({ service, call }) => `${service} ${call}`).filter(isAws))('%s', (call) => {
    expect(requests.has(call)).toBe(true)
  })

  it('no parameter either', () => {
    const undriven = mapped.flatMap(({ call, effect }) => {
      if (!('attributes' in effect) || !isAws(call)) return []
      const { each = '', attributes, adds, takes, upserts, drops, hidden } = effect
      const inItem = `${each.replace(/\[\]$/, '')}[].`
      const parameters = [attributes, adds, takes, upserts, drops, hidden].flatMap(Object.keys)
      const inCall = (parameter: string) =>
        parameter === 'item' ? each : parameter.replace(/^item\./, inItem)
      return parameters.flatMap((parameter) =>
        requests.get(call)?.some((request) => given(request, inCall(parameter)))
          ? []
          : [`${call}: ${parameter}`],
      )
    })
    expect(undriven).toEqual([])
  })
})

describe('a mapping file', () => {
  const load = (text: string) => () =>
    createMappings([{ file: 'aws/test.yaml', text: `service: a\n${text}` }])

  it.each([
    ['a wrong key', 'type: {}', 'type'],
    ['a wrong key of a type', 'types: { t: { name: [a] } }', 'types.t'],
    ['a kind that there is not', 'types: { t: { kinds: { a: sett } } }', 'types.t.kinds.a'],
    ['a wrong key of a call', 'calls: { X: [{ update: t, id: i, attribute: { a: b } }] }', 'calls.X[0]'],
    ['a verb that there is not', 'calls: { X: [{ touch: t, id: i }] }', 'calls.X[0]'],
    ['no id', 'calls: { X: [{ update: t }] }', 'calls.X[0]'],
    ['two verbs', 'calls: { X: [{ create: t, delete: t, id: i }] }', 'calls.X[0]'],
    ['no effect', 'calls: { X: [] }', 'calls.X'],
    ['a name that is no text', 'noEffect: [1]', 'noEffect[0]'],
  ])('with %s throws, naming file and field', (_, text, field) => {
    expect(load(text)).toThrow(/^aws\/test\.yaml: /)
    expect(load(text)).toThrow(field)
  })

  it('that is no YAML, or empty, throws, naming the file', () => {
    expect(load('types: [')).toThrow(/^aws\/test\.yaml: /)
    expect(() => createMappings([{ file: 'aws/test.yaml', text: '' }])).toThrow(/^aws\/test\.yaml: /)
  })

  it('fills in what it leaves out', () => {
    const { effects } = load('calls: { X: [{ update: t, id: i, attributes: { a: b } }] }')()
    expect(effects('a', 'X')).toMatchObject([
      { update: ['t'], adds: {}, takes: {}, upserts: {}, drops: {}, defaults: {}, set: {} },
    ])
  })
})

describe('mappings', () => {
  const text = 'service: a\nnoEffect: [Y]\ncalls: { X: [{ create: t, id: i }] }\n'
  const one = createMappings([{ file: 'a.yaml', text }])

  it('know a call by its service: what it does, that it does nothing, or nothing of it', () => {
    expect(one.effects('a', 'X')).toHaveLength(1)
    expect(one.effects('a', 'Y')).toEqual([])
    expect(one.effects('b', 'X')).toBeUndefined()
    expect(one.effects('a', 'Z')).toBeUndefined()
  })

  it('take a type that nobody describes for one with the usual names', () => {
    expect(one.knows('aws_new_thing')).toBe(false)
    const { names, ...rest } = one.type('aws_new_thing')
    expect(names).toEqual(expect.arrayContaining(['arn', 'name', 'thing_id', 'new_thing_name', 'thing_arn']))
    expect(rest).toEqual({
      global: false,
      lowerCase: false,
      anyCase: false,
      qualified: false,
      kinds: {},
      unset: {},
      movedByService: [],
    })
  })

  it('know a type that only its provider declares', () => {
    expect(one.knows('aws_eks_node_group')).toBe(true)
    expect(one.type('aws_eks_node_group').names).toContain('{cluster_name}/{node_group_name}')
    expect(one.type('aws_iam_role').global).toBe(true)
    expect(one.type('google_compute_disk').names).toContain('projects/{project}/zones/{zone}/disks/{name}')
  })

  it('take every type of Azure for one without regions, whose names have no case of their own', () => {
    expect(one.type('azurerm_new_thing')).toMatchObject({ global: true, anyCase: true })
  })

  it('take the word of a file for more than that of the provider, and the names of both', () => {
    const own = createMappings([
      {
        file: 'a.yaml',
        text: 'service: a\ntypes: { aws_iam_role: { names: [own], global: false }, azurerm_a: { anyCase: false } }\n',
      },
    ])
    expect(own.type('aws_iam_role').global).toBe(false)
    expect(own.type('aws_iam_role').names).toEqual(expect.arrayContaining(['own', 'name', 'role_name']))
    expect(own.type('azurerm_a').anyCase).toBe(false)
  })

  it('have another version as soon as their text is another, and the same for the same', () => {
    const version = (...texts: string[]) =>
      createMappings(texts.map((each) => ({ file: 'a.yaml', text: each }))).version
    expect(version(text)).toBe(version(text))
    expect(version(text)).not.toBe(version(text.replace('create', 'delete')))
    expect(version(text)).not.toBe(version(`${text}# a comment\n`))
  })
})
