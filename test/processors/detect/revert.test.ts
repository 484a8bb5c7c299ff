import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DetectContext } from '../../../processors/detect/step.ts'
import type { Json, JsonObject } from '../../../processors/finding.ts'
import { alerts, call, mapped, row } from '../../support/detect.ts'

const service = mapped(`
types: { test_db: { names: [name] } }
calls:
  Modify:
    - update: test_db
      id: name
      attributes: { class: class, size: size, public: public, note: note, list: list, code: code }
      revert:
        class: modify {name} --class {old}
        size: modify {name} --size {old}
        note: "printf %s {old}"
        list: "set {old}"
        code: "set {id} {old}"
        public:
          "true": modify {name} --public
          "false": modify {name} --no-public
`)

const held: JsonObject = { id: 'db-1', name: 'orders', class: 'small', size: 8, public: false, other: 'x' }

function revert(attributes: JsonObject, request: JsonObject, more: Partial<DetectContext> = {}) {
  const db = row('test_db', { ...held, ...attributes })
  const one = call('test', 'Modify', { name: String(db.attributes.name), ...request })
  return alerts(one, [db], { ...service, ...more })[0]!.revertCommand
}

describe('the command that sets a change back', () => {
  it('has the value of the state, and the names of the resource', () => {
    expect(revert({}, { class: 'large' })).toBe('modify orders --class small')
    expect(revert({}, { size: 16 })).toBe('modify orders --size 8')
  })

  it('may depend on that value', () => {
    expect(revert({}, { public: true })).toBe('modify orders --no-public')
    expect(revert({ public: 'true' }, { public: false })).toBe('modify orders --public')
  })

  it('has a part for each attribute, each part once', () => {
    expect(revert({}, { class: 'large', size: 16 })).toBe(
      'modify orders --class small && modify orders --size 8',
    )
  })

  it('writes a list or an object as JSON', () => {
    expect(revert({ list: [{ a: 1 }] }, { list: [] })).toBe(`set '[{"a":1}]'`)
  })

  it.each([
    ['where the state has no value to go back to', {}, { note: 'x' }],
    ['where one of its values is an unknown case', { public: 'maybe' }, { public: true }],
    ['where another difference has no template', {}, { class: 'large', other: 'y' }],
  ] as [string, JsonObject, JsonObject][])('is missing %s', (_, attributes, request) => {
    const twice = mapped(`
types: { test_db: { names: [name] } }
calls:
  Modify:
    - update: test_db
      id: name
      attributes: { class: class, note: note, public: public, other: other }
      revert: { class: "set {old}", note: "set {old}", public: { "true": on, "false": off } }
`)
    expect(revert(attributes, request, twice)).toBeNull()
  })

  it('never shows a secret', () => {
    expect(revert({ code: 'hmac-sha256:x' }, { code: 'new' })).toBeNull()
    expect(revert({ code: 'old-secret' }, { code: 'new' }, { isSensitive: () => true })).toBeNull()
    expect(revert({ name: 'hmac-sha256:x' }, { name: 'hmac-sha256:x', class: 'large' })).toBeNull()
  })

  it('is not made for what no state holds', () => {
    const one = call('test', 'Modify', { name: 'none', class: 'large' })
    expect(alerts(one, [], { ...service, unmanagedAny: true })).toMatchObject([{ revertCommand: null }])
  })

  it('takes names and values as they are, whatever stands in them', () => {
    expect(revert({ name: '{old}', class: '{id}' }, { class: 'large' })).toBe("modify '{old}' --class '{id}'")
    expect(revert({ name: '$&', class: "$'" }, { class: 'large' })).toBe("modify '$&' --class '$'\\'''")
  })

  it.each(['--force', '-', 'file:///etc/passwd', 'fileb://x', 'https://x.example'])(
    'is missing where the command would not take a value as it is: %s',
    (note) => {
      expect(revert({ note }, { note: 'other' })).toBeNull()
      expect(revert({ name: note, class: 'small' }, { class: 'large' })).toBeNull()
    },
  )

  it('takes a negative number for what it is', () => {
    expect(revert({ size: -1 }, { size: 16 })).toBe('modify orders --size -1')
  })

  it('gives them to a shell as one word each', () => {
    const hostile = fc.constantFrom(
      "'; touch /tmp/x; '",
      '$(id)',
      '`id`',
      'a\nb',
      '" "',
      '*',
      '\\',
      '{old}',
      '$1',
    )
    fc.assert(
      fc.property(hostile, fc.string({ minLength: 1, maxLength: 10 }), (first, second) => {
        const note: Json = first + second.replaceAll('\0', '')
        const command = revert({ note }, { note: 'other' })!
        const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
        expect(stdout).toBe(note)
      }),
      { numRuns: 15 },
    )
  })
})
