import { describe, expect, it } from 'vitest'
import type { Detection } from '../../../processors/detect/detect.ts'
import type { CloudCall, Json, StateRow } from '../../../processors/finding.ts'
import { alerts, call, judge, mapped, row } from '../../support/detect.ts'
import { anActor } from '../a-finding.ts'

const service = mapped(`
types:
  test_role:
    names: [name]
    kinds: { documents: set }
  test_document: { names: ["{role}:{name}"], parent: role, kinds: { body: json } }
  test_entry: { names: ["{role}/{key}"], parent: role }
  test_mount: { names: ["{role}/{disk:last}"], parent: role, kinds: { disk: link } }
  test_attachment: { names: ["{role}/{policy}"], parent: role }
  test_shared: { names: [policy] }
  test_table: {}
  test_line: { parent: table }
  test_bucket: { names: [bucket], kinds: { policy: policy } }
  test_bucket_policy: { names: [bucket], parent: bucket, kinds: { policy: policy } }
calls:
  PutDocument:
    - put: test_document
      id: "{role}:{name}"
      attributes: { body: body }
      inline: { type: test_role, id: role, attribute: documents, element: { name: name, body: body }, key: name }
  DeleteDocument:
    - remove: test_document
      id: "{role}:{name}"
      inline: { type: test_role, id: role, attribute: documents, element: { name: name }, key: name }
  Attach:
    - put: test_attachment
      id: "{role}/{policy}"
      inline:
        - { type: test_shared, id: policy, attribute: roles, element: role }
        - { type: test_role, id: role, attribute: policies, element: policy }
  Detach:
    - remove: test_attachment
      id: "{role}/{policy}"
      inline:
        - { type: test_shared, id: policy, attribute: roles, element: role }
        - { type: test_role, id: role, attribute: policies, element: policy }
  PutLine:
    - put: test_line
      id: "{table}:{out}:{range} | {table}:{out}:{list}"
      inline:
        - type: test_table
          id: table
          when: { out: false }
          attribute: in
          element: &line { range: range, list: list, port: port }
          key: range | list
        - { type: test_table, id: table, when: { out: true }, attribute: out, element: *line, key: range | list }
  PutEntry:
    - put: test_entry
      each: entries
      id: "{role}/{item.key}"
      attributes: { item.value: value }
      inline: &entries { type: test_role, id: role, attribute: entries, entry: item.key, value: item.value }
  DeleteEntry:
    - { remove: test_entry, each: entries, id: "{role}/{item.key}", inline: *entries }
  Mount:
    - put: test_mount
      id: "{role}/{disk:last}"
      inline: { type: test_role, id: role, attribute: disks, element: { disk: disk, mode: mode }, key: disk }
  PutPolicy:
    - put: test_bucket_policy
      id: bucket
      attributes: { policy: policy }
      inline: { type: test_bucket, id: bucket, attribute: policy, value: policy }
      revert: { policy: "put {id} {old}" }
  DeletePolicy:
    - remove: test_bucket_policy
      id: bucket
      inline: { type: test_bucket, id: bucket, attribute: policy }
      revert: { policy: "put {id} {old}" }
`)

const found = (
  name: string,
  request: { [name: string]: Json },
  rows: StateRow[],
  more: Partial<CloudCall> = {},
) => alerts(call('test', name, request, more), rows, service)
const judged = (name: string, request: { [name: string]: Json }, rows: StateRow[]) =>
  judge(call('test', name, request), rows, service)

const document = row('test_document', { id: 'd-1', role: 'app', name: 'read', body: '{"a":1}' })
const attachment = row('test_attachment', { id: 'a-1', role: 'app', policy: 'p' })
const put = { role: 'app', name: 'read', body: '{"a":2}' }
const attach = { role: 'app', policy: 'p' }

describe('a child that a state holds', () => {
  it('differs where what the call puts differs', () => {
    expect(found('PutDocument', put, [document])).toMatchObject([
      {
        type: 'attribute_drift',
        resource: { type: 'test_document', id: 'd-1' },
        diffs: [{ attribute: 'body' }],
      },
    ])
  })

  it('is as declared where it does not, as a whole and in each attribute', () => {
    expect(judged('PutDocument', { ...put, body: '{ "a": "1" }' }, [document])).toMatchObject({
      reason: 'as-declared',
      findings: [
        {
          finding: {
            diffs: [],
            verdicts: [
              { slot: 'resource', differs: false },
              { slot: 'body', differs: false },
            ],
          },
        },
      ],
    })
    expect(judged('Attach', attach, [attachment])).toMatchObject({ reason: 'as-declared' })
  })

  it('is not compared where the record leaves out what was put', () => {
    const { body: _, ...bodiless } = put
    expect(found('PutDocument', bodiless, [document])).toMatchObject([
      { compared: false, diffs: [], verdicts: [{ slot: 'call:PutDocument', differs: true }] },
    ])
  })

  it('is gone where the call takes it away', () => {
    expect(found('Detach', attach, [attachment])).toMatchObject([
      { type: 'resource_deleted', diffs: [], resource: { type: 'test_attachment', id: 'a-1' } },
    ])
  })

  it('decides before its parent, which may show it too', () => {
    const role = row('test_role', { id: 'app', name: 'app', policies: ['p', 'q'] })
    expect(found('Detach', attach, [role, attachment])).toMatchObject([{ type: 'resource_deleted' }])
    expect(judged('Attach', attach, [role, attachment])).toMatchObject({ reason: 'as-declared' })
  })

  it('does not count while it is deposed', () => {
    const deposed = { ...attachment, deposedKey: '0001' }
    expect(found('Attach', attach, [deposed])).toMatchObject([{ type: 'unmanaged_resource' }])
    expect(judged('Detach', attach, [deposed])).toMatchObject({ reason: 'unmanaged' })
  })
})

describe('a child that no state holds', () => {
  it('is unmanaged where it is put, whether or not a state holds its parent', () => {
    const role = row('test_role', { id: 'app', name: 'app', policies: [] })
    for (const rows of [[], [role]]) {
      expect(found('Attach', attach, rows)).toMatchObject([
        { type: 'unmanaged_resource', resource: { type: 'test_attachment', id: 'app/p' }, row: null },
      ])
    }
  })

  it('tells rules what the call made it of, and its id', () => {
    const put = { role: 'app', name: 'p', body: '{"a":1}' }
    expect(found('PutDocument', put, [])[0]!.made).toEqual({ body: '{"a":1}', id: 'app:p' })
    expect(found('Attach', attach, [])[0]!.made).toEqual({ id: 'app/p' })
  })

  it("is the service's own where a service puts it", () => {
    const one = call('test', 'Attach', attach, { actor: anActor({ tool: 'service' }) })
    expect(judge(one, [], service)).toEqual({ findings: [], reason: 'service-created' })
  })

  it('ends where it is taken away, under the id that it was put with', () => {
    const [created] = found('Attach', attach, [])
    expect(judged('Detach', attach, [])).toMatchObject({
      reason: 'unmanaged',
      findings: [
        { finding: { driftId: created!.driftId, verdicts: [{ slot: 'resource', differs: false }] } },
      ],
    })
  })

  it('is nothing where a part of its name is missing', () => {
    expect(judged('Attach', { role: 'app' }, [])).toBe('no-effect')
  })
})

describe('a parent that lists its children', () => {
  const role = row('test_role', { id: 'app', name: 'app', policies: ['q'] })

  it('differs by what is put into the list', () => {
    expect(found('Attach', attach, [role])).toMatchObject([
      {
        type: 'attribute_drift',
        resource: { type: 'test_role', id: 'app' },
        diffs: [{ attribute: 'policies', oldValue: null, newValue: '["p"]', changeType: 'added' }],
        verdicts: [{ slot: 'policies#"p"', differs: true }],
      },
    ])
  })

  it('differs by what is taken out of it', () => {
    expect(found('Detach', { role: 'app', policy: 'q' }, [role])).toMatchObject([
      { diffs: [{ attribute: 'policies', oldValue: '["q"]', newValue: null, changeType: 'removed' }] },
    ])
  })

  it('is as declared where the child is there already, or not there to be taken', () => {
    expect(judged('Attach', { role: 'app', policy: 'q' }, [role])).toMatchObject({ reason: 'as-declared' })
    expect(judged('Detach', attach, [role])).toMatchObject({
      reason: 'as-declared',
      findings: [{ finding: { verdicts: [{ slot: 'policies#"p"', differs: false }] } }],
    })
  })

  it('does not hold them where one of them is a resource of its own, in whatever state', () => {
    const sibling = row('test_attachment', { id: 'a-2', role: 'app', policy: 'q' }, { source: 'b.tfstate' })
    expect(found('Attach', attach, [role, sibling])).toMatchObject([
      { type: 'unmanaged_resource', resource: { type: 'test_attachment' } },
    ])
  })

  it('holds them all the same where that resource belongs to a namesake in another account', () => {
    const stranger = row('test_attachment', { id: 'a-2', role: 'app' }, { account: '999999999999' })
    expect(found('Attach', attach, [role, stranger])).toMatchObject([{ resource: { type: 'test_role' } }])
  })

  it('is the first of those that may list them', () => {
    const shared = row('test_shared', { id: 's', policy: 'p', roles: ['other'] })
    expect(found('Attach', attach, [role, shared])).toMatchObject([
      { resource: { type: 'test_shared' }, diffs: [{ attribute: 'roles', newValue: '["app"]' }] },
    ])
  })

  it('speaks by the state that differs, where two hold it', () => {
    const adopted = {
      ...role,
      key: 'a',
      source: 'b.tfstate',
      attributes: { name: 'app', id: 'app', policies: ['p'] },
    }
    expect(found('Attach', attach, [adopted, role])).toMatchObject([
      { row: { key: role.key }, resource: { alsoManagedBy: ['b.tfstate: test_role.this'] } },
    ])
  })
})

describe('a parent that lists its children under a name that is a secret', () => {
  const role = row('test_role', { id: 'app', name: 'app', policies: 'hmac-sha256:list' })

  it('shows none of them', () => {
    expect(found('Attach', attach, [role])).toMatchObject([
      { diffs: [{ attribute: 'policies', oldValue: null, newValue: null, sensitive: true }] },
    ])
  })

  it('keeps no name of them in the status either', () => {
    const hash = (value: Json) => `hmac-sha256:${String(value).length}`
    const { findings } = judge(call('test', 'Attach', attach), [role], { ...service, hash }) as Detection
    expect(findings[0]!.finding.verdicts).toMatchObject([
      { slot: expect.stringMatching(/^policies#hmac-sha256:\d+$/) },
    ])
  })

  it('is compared by the hash of its one child', () => {
    const bucket = row('test_bucket', { id: 'logs', bucket: 'logs', policy: 'hmac-sha256:{}' })
    const hash = (value: Json) => `hmac-sha256:${JSON.stringify(value)}`
    const put = (policy: Json) =>
      judge(call('test', 'PutPolicy', { bucket: 'logs', policy }), [bucket], { ...service, hash })
    expect(put({})).toMatchObject({ reason: 'as-declared' })
    expect(put({ a: 1 })).toMatchObject({
      findings: [{ finding: { diffs: [{ sensitive: true, newValue: null }] } }],
    })
  })
})

describe('a parent whose children are objects', () => {
  const role = row('test_role', { id: 'app', name: 'app', documents: [{ name: 'read', body: '{"a":1}' }] })

  it('tells them apart by their key, and compares the rest as the child would', () => {
    expect(found('PutDocument', put, [role])).toMatchObject([
      {
        diffs: [
          {
            attribute: 'documents',
            oldValue: '[{"name":"read","body":"{\\"a\\":1}"}]',
            newValue: '[{"name":"read","body":"{\\"a\\":2}"}]',
            changeType: 'modified',
          },
        ],
        verdicts: [{ slot: 'documents#"read"' }],
      },
    ])
    expect(judged('PutDocument', { ...put, body: '{ "a": 1 }' }, [role])).toMatchObject({
      reason: 'as-declared',
    })
    expect(found('PutDocument', { ...put, name: 'write' }, [role])).toMatchObject([
      { diffs: [{ oldValue: null, changeType: 'added' }] },
    ])
  })

  it('loses one by its key', () => {
    expect(found('DeleteDocument', { role: 'app', name: 'read' }, [role])).toMatchObject([
      { diffs: [{ oldValue: '[{"name":"read","body":"{\\"a\\":1}"}]', newValue: null }] },
    ])
    expect(judged('DeleteDocument', { role: 'app', name: 'write' }, [role])).toMatchObject({
      reason: 'as-declared',
    })
  })
})

describe('a parent that holds its one child as a value', () => {
  const statement = { Effect: 'Allow', Action: 's3:*', Resource: '*', Principal: '*' }
  const policy = { Statement: [statement] }
  const bucket = row('test_bucket', { id: 'logs', bucket: 'logs', policy: JSON.stringify(policy) })

  it('differs by the value that is put', () => {
    const open = { Statement: [statement, { ...statement, Effect: 'Deny' }] }
    expect(found('PutPolicy', { bucket: 'logs', policy: open }, [bucket])).toMatchObject([
      { resource: { type: 'test_bucket' }, diffs: [{ attribute: 'policy', oldValue: null }] },
    ])
    expect(judged('PutPolicy', { bucket: 'logs', policy }, [bucket])).toMatchObject({ reason: 'as-declared' })
  })

  it('has none any more where it is taken away, and a command that puts it back', () => {
    expect(found('DeletePolicy', { bucket: 'logs' }, [bucket])).toMatchObject([
      {
        diffs: [{ attribute: 'policy', newValue: null, changeType: 'removed' }],
        revertCommand: `put logs '${JSON.stringify(policy)}'`,
      },
    ])
  })

  it('does not hold it where it is a resource of its own', () => {
    const own = row('test_bucket_policy', { id: 'logs', bucket: 'logs', policy: JSON.stringify(policy) })
    expect(found('DeletePolicy', { bucket: 'logs' }, [bucket, own])).toMatchObject([
      { type: 'resource_deleted', resource: { type: 'test_bucket_policy' } },
    ])
  })
})

describe('a child of several attributes, told apart by one of several fields', () => {
  const line = { range: '', list: '', port: 0 }
  const table = row('test_table', {
    id: 't-1',
    in: [
      { ...line, range: 'a' },
      { ...line, list: 'b', port: 7 },
    ],
    out: [{ ...line, range: 'a', port: 9 }],
  })
  const put = (request: { [name: string]: Json }) => found('PutLine', { table: 't-1', ...request }, [table])

  it('is looked for in the attribute that the call means', () => {
    expect(put({ out: false, range: 'a' })).toEqual([])
    expect(put({ out: true, range: 'a' })).toMatchObject([{ diffs: [{ attribute: 'out' }] }])
  })

  it('is looked for by the field that it has', () => {
    expect(put({ out: false, list: 'b', port: 7 })).toEqual([])
    expect(put({ out: false, range: 'b', port: 7 })).toMatchObject([
      { diffs: [{ attribute: 'in', changeType: 'added' }] },
    ])
  })

  it('differs in what it no longer has, but not where that is 0 in the state', () => {
    expect(put({ out: false, range: 'a' })).toEqual([])
    expect(put({ out: false, list: 'b' })).toMatchObject([
      { diffs: [{ attribute: 'in', changeType: 'modified' }] },
    ])
  })
})

describe('a child that is an entry of a map', () => {
  const app = row('test_role', { id: 'app', name: 'app', entries: { a: '1', b: '2' } })
  const request = {
    role: 'app',
    entries: [
      { key: 'b', value: '3' },
      { key: 'c', value: '4' },
    ],
  }

  it('is one key of it, set or taken away', () => {
    const changes = (name: string) =>
      found(name, request, [app]).flatMap(({ resource, diffs }) =>
        diffs.map(({ attribute, oldValue, newValue }) => [resource?.type, attribute, oldValue, newValue]),
      )
    expect(changes('PutEntry')).toEqual([
      ['test_role', 'entries.b', '"2"', '"3"'],
      ['test_role', 'entries.c', null, '"4"'],
    ])
    expect(changes('DeleteEntry')).toEqual([['test_role', 'entries.b', '"2"', null]])
  })

  it('is one of its own where a state holds it so', () => {
    const own = row('test_entry', { id: 'app/b', role: 'app', key: 'b', value: '2' })
    expect(found('PutEntry', { role: 'app', entries: [{ key: 'b', value: '3' }] }, [app, own])).toMatchObject(
      [{ type: 'attribute_drift', resource: { type: 'test_entry' }, diffs: [{ attribute: 'value' }] }],
    )
  })
})

describe('children that a link tells apart', () => {
  const held = row('test_role', {
    id: 'app',
    name: 'app',
    disks: [{ disk: 'https://x/projects/p/disks/d', mode: 'RW' }],
  })

  it('are found by their name', () => {
    expect(found('Mount', { role: 'app', disk: 'projects/p/disks/d', mode: 'RW' }, [held])).toEqual([])
    expect(found('Mount', { role: 'app', disk: 'projects/p/disks/d', mode: 'RO' }, [held])).toMatchObject([
      { diffs: [{ attribute: 'disks' }] },
    ])
  })
})
