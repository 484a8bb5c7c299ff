import { describe, expect, it } from 'vitest'
import type { ResourceFinding } from '../../processors/finding.ts'
import { messageOf } from '../../processors/message.ts'
import { aCall, aDiff, aFinding, anActor, aSecretDiff, aSignalFinding } from './a-finding.ts'

function message(overrides: Partial<ResourceFinding>): string {
  return messageOf(aFinding(overrides))
}

describe('messageOf', () => {
  it('says who changed what from what to what', () => {
    expect(message({})).toBe('alice changed disable_api_termination of aws_instance.web from true to false')
    expect(message({ diffs: [aDiff('instance_type', 't3.micro', 't3.large')] })).toBe(
      'alice changed instance_type of aws_instance.web from "t3.micro" to "t3.large"',
    )
  })

  it('says what was added or removed', () => {
    expect(message({ diffs: [aDiff('tags.Env', undefined, 'x')] })).toBe(
      'alice added tags.Env "x" to aws_instance.web',
    )
    expect(message({ diffs: [aDiff('tags.Env', 'x')] })).toBe(
      'alice removed tags.Env "x" from aws_instance.web',
    )
  })

  it('lists several changes, and counts the rest', () => {
    const diffs = ['a', 'b', 'c', 'd', 'e'].map((name) => aDiff(name, 1, 2))
    expect(message({ diffs: diffs.slice(0, 2) })).toBe(
      'alice changed 2 attributes of aws_instance.web: a from 1 to 2, b from 1 to 2',
    )
    expect(message({ diffs })).toBe(
      'alice changed 5 attributes of aws_instance.web: a from 1 to 2, b from 1 to 2, c from 1 to 2 and 2 more',
    )
    expect(message({ diffs: [aDiff('a', 1), aSecretDiff] })).toBe(
      'alice changed 2 attributes of aws_instance.web: a from 1 to nothing, password (sensitive)',
    )
  })

  it('never shows a sensitive value', () => {
    const leaky = { ...aSecretDiff, oldValue: '"hunter1"', newValue: '"hunter2"' }
    expect(message({ diffs: [leaky] })).toBe('alice changed password of aws_instance.web (sensitive)')
    expect(message({ diffs: [leaky, aDiff('a', 1, 2)] })).not.toContain('hunter')
  })

  it('says what came, what went, and what is not compared', () => {
    expect(message({ type: 'unmanaged_resource', row: null, diffs: [] })).toBe(
      'alice created aws_instance i-0abc, which no Terraform state holds',
    )
    expect(message({ type: 'resource_deleted', diffs: [] })).toBe('alice deleted aws_instance.web (i-0abc)')
    expect(message({ compared: false, diffs: [] })).toBe(
      'alice called ModifyInstanceAttribute on aws_instance.web: what it changed is not compared',
    )
  })

  it('of a signal says which rule fired where, in the words of Falco', () => {
    expect(messageOf(aSignalFinding())).toBe(
      'Falco found "Terminal shell in container" on falco-0: A shell was spawned in a container',
    )
    expect(messageOf(aSignalFinding({ account: '', text: '' }))).toBe(
      'Falco found "Terminal shell in container"',
    )
    const long = messageOf(aSignalFinding({ text: '😀'.repeat(2_000) }))
    expect(long.length).toBeLessThan(700)
    expect(Buffer.from(long).toString()).toBe(long)
    const evil = 'a\nb\u001b[31m\u202egnp.exe'
    expect(messageOf(aSignalFinding({ name: evil, account: evil, text: evil }))).not.toMatch(
      /[\p{Cc}\p{Cf}]/u,
    )
  })

  it('of a signal says where a call cannot be compared', () => {
    expect(messageOf(aSignalFinding({ tooLittle: true }))).toBe(
      'Falco found "Terminal shell in container" on falco-0; the call is not compared, ' +
        'Falco tells too little of it: A shell was spawned in a container',
    )
  })

  it('does not invent a name', () => {
    const call = aCall({ actor: anActor({ name: 'unknown' }) })
    expect(message({ call })).toMatch(/^An unknown actor changed /)
  })

  it('stays short and whole', () => {
    const long = message({ diffs: [aDiff('policy', '😀'.repeat(200), 'x'.repeat(9999))] })
    expect(long.length).toBeLessThan(400)
    expect(Buffer.from(long).toString()).toBe(long)
  })

  it('stays on one line, whatever a resource is called', () => {
    const evil = 'a\nb\u001b[31m\u202egnp.exe'
    const call = aCall({ actor: anActor({ name: evil }) })
    const resource = { ...aFinding().resource, address: null, id: evil }
    for (const type of ['unmanaged_resource', 'resource_deleted', 'attribute_drift'] as const) {
      expect(message({ type, call, resource, diffs: [aDiff(evil, evil, evil)] })).not.toMatch(
        /[\p{Cc}\p{Cf}]/u,
      )
    }
  })
})
