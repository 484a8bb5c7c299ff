import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../../cli/program.ts'
import { testIo } from '../../support/test-io.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-mappings-'))
  const resize = (type: string, more: string) => `
- name: a resize to ${type}
  cite: https://example.com/resize
  event:
    eventSource: ec2.amazonaws.com
    eventName: ModifyInstanceAttribute
    requestParameters: { instanceId: i-1, instanceType: { value: ${type} } }
  state: { aws_instance.web: { id: i-1, instance_type: t3.micro } }
  ${more}
`
  const to = (type: string) =>
    `expect: [{ resource: aws_instance.web, diffs: { instance_type: [t3.micro, ${type}] } }]`
  write('aws/ec2.yaml', resize('t3.large', to('t3.large')) + resize('t3.micro', 'expect: []'))
  write(
    'aws/ec2.blind.yaml',
    resize('t3.small', `why: R35\n  ${to('t3.medium')}`) + resize('t3.nano', 'expect: []'),
  )
  write(
    'aws/s3.yaml',
    '- { name: a listing, cite: "model: s3", event: { eventSource: s3.amazonaws.com, eventName: ListBuckets, readOnly: true }, expect: [], reason: as-declared }',
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

function write(file: string, text: string): void {
  mkdirSync(path.join(folder, path.dirname(file)), { recursive: true })
  writeFileSync(path.join(folder, file), text)
}

async function test(...args: string[]) {
  const io = testIo()
  const code = await runProgram(['mappings', 'test', '--cases', folder, ...args], io)
  return { code, out: io.out(), err: io.err() }
}

describe('tfdrift mappings test', () => {
  it('tells how right the answers are, by provider and service', async () => {
    const { code, out } = await test()
    expect(code).toBe(1)
    expect(out).toContain(
      [
        '               cases  quiet  blind  failed  alerts  precision  recall',
        'aws  ec2           4      2      2       2       2      0.333   0.500',
        'aws  s3            1      1      0       1       0          -       -',
        'aws  together      5      3      2       3       2      0.333   0.500',
        'all                5      3      2       3       2      0.333   0.500',
        'all  blind         2      1      2       2       1      0.000   0.000',
        '',
        '5 cases, 3 of them quiet, 2 blind: 3 failed',
        '',
      ].join('\n'),
    )
  })

  it('shows the cases that fail, what was expected beside what came', async () => {
    const { out } = await test()
    const side = (left: string, right: string) => `${left.padEnd(56)}  ${right}`
    expect(out.split('\n\n').slice(0, 3)).toEqual([
      [
        'FAILED  aws/ec2.blind.yaml: a resize to t3.small',
        '        why: R35',
        '        cite: https://example.com/resize',
        side('    expected', 'got'),
        side('    attribute_drift aws_instance.web', 'attribute_drift aws_instance.web'),
        side('  !   instance_type "t3.micro" → "t3.medium"', '  instance_type "t3.micro" → "t3.small"'),
      ].join('\n'),
      [
        'FAILED  aws/ec2.blind.yaml: a resize to t3.nano',
        '        cite: https://example.com/resize',
        side('    expected', 'got'),
        side('  ! -', 'attribute_drift aws_instance.web'),
        side('  !   -', '  instance_type "t3.micro" → "t3.nano"'),
      ].join('\n'),
      [
        'FAILED  aws/s3.yaml: a listing',
        '        cite: model: s3',
        side('    expected', 'got'),
        side('  ! reason as-declared', 'reason read-only'),
      ].join('\n'),
    ])
  })

  it('runs what is asked for: by file or name, in any case', async () => {
    expect((await test('T3.LARGE', 't3.micro')).code).toBe(0)
    expect((await test('ec2.yaml')).out).toBe(
      [
        '               cases  quiet  blind  failed  alerts  precision  recall',
        'aws  ec2           2      1      0       0       1      1.000   1.000',
        'aws  together      2      1      0       0       1      1.000   1.000',
        'all                2      1      0       0       1      1.000   1.000',
        'all  blind         0      0      0       0       0          -       -',
        '',
        '2 cases, 1 of them quiet, 0 blind: all as expected',
        '',
      ].join('\n'),
    )
    expect(await test('rds')).toEqual({ code: 1, out: '', err: `${folder}: no case of rds\n` })
  })

  it('gives the same as JSON', async () => {
    const { code, out } = await test('--format', 'json', 'blind')
    const counts = { cases: 2, failed: 2, quiet: 1, blind: 2, alerts: 1 }
    const shares = { truePositives: 0, falsePositives: 2, falseNegatives: 1, precision: 0, recall: 0 }
    const diffs = { instance_type: ['t3.micro', 't3.medium'] }
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      services: [{ provider: 'aws', service: 'ec2', ...counts, ...shares }],
      providers: [{ provider: 'aws', ...counts, ...shares }],
      total: { ...counts, ...shares },
      failures: [{ file: 'aws/ec2.blind.yaml', name: 'a resize to t3.small', missing: [{ diffs }] }, {}],
    })
  })
})

describe('tfdrift coverage', () => {
  it('lists every mapped call with its case', { timeout: 120_000 }, async () => {
    const io = testIo()
    expect(await runProgram(['coverage'], io)).toBe(0)
    expect(io.out()).toMatch(/^aws +ec2 +ModifyInstanceAttribute +compared +aws\/ec2\.\S+yaml: \w/m)
    expect(io.out()).toMatch(/^aws +together +\d+ +\d+ +\d+$/m)
  })

  it('counts the events of logs, and goes on after a file that cannot be read', async () => {
    const log = path.join(folder, 'log.json')
    const record = {
      eventSource: 'ec2.amazonaws.com',
      eventTime: '2026-03-02T10:15:30Z',
      eventName: 'Nothing',
    }
    writeFileSync(log, JSON.stringify({ Records: [record, { ...record, errorCode: 'Denied' }] }))
    const io = testIo()
    expect(await runProgram(['coverage', '--events', path.join(folder, 'none.json'), log], io)).toBe(1)
    expect(io.out()).toMatch(
      /^aws {2}ec2 {2}Nothing {2}unmapped {2}1\n\nevents read +2\n {2}passed over: failed +1\n/,
    )
    expect(io.err()).toContain('none.json')
  })
})
