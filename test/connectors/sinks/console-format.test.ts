import { describe, expect, it } from 'vitest'
import { alertJson } from '../../../connectors/alert-json.ts'
import { formatAlert } from '../../../connectors/sinks/console-format.ts'
import { aDiff, anAlertJson, aSignal } from '../an-alert.ts'

type Changes = Parameters<typeof anAlertJson>[0]

const plain = (changes: Changes = {}, width?: number) =>
  formatAlert(anAlertJson(changes), { colour: false, ...(width !== undefined && { width }) })
const lineWith = (text: string, word: string) => text.split('\n').find((line) => line.includes(word))

describe('an alert for people', () => {
  it('says what changed, where, by whom, when, and what to do, in eight lines', () => {
    expect(plain().split('\n')).toEqual([
      'CRITICAL  attribute drift  module.net.aws_instance.web["a"]',
      '          i-0abc · aws 123456789012 eu-west-1 · s3://states/net.tfstate #42',
      '          metadata_options[0].http_tokens  "required" → "optional"',
      '          who      alice <alice@example.com> (IAMUser) by console from 203.0.113.10 as role/Admin without MFA',
      '          when     2026-03-01T10:00:01Z  ModifyInstanceMetadataOptions  6f1c',
      '          rules    aws-001 IMDSv2 is not required',
      '          runbook  https://runbooks.example.com/imds',
      '          revert   aws ec2 modify-instance-metadata-options --instance-id i-0abc --http-tokens required',
    ])
  })

  it('names an unmanaged resource by type and id, and says the message where no attribute differs', () => {
    const resource = { ...anAlertJson().resource!, address: null, state: null }
    const text = plain({ type: 'unmanaged_resource', resource, diffs: [], message: 'bob created it' })
    expect(text).toContain('unmanaged resource  aws_instance i-0abc\n')
    expect(text).toContain('\n          bob created it\n')
  })

  it('is short for a signal, which has no resource', () => {
    expect(formatAlert(alertJson(aSignal()), { colour: false }).split('\n')).toEqual([
      'MEDIUM    signal  Terminal shell in container',
      '          Falco found "Terminal shell in container" on falco-0: A shell was spawned in a container',
      '          who      unknown',
      '          when     2026-03-01T10:00:01.123456789Z  Terminal shell in container  f1',
    ])
  })

  it('shows the elements that left and came of a set, without their empty members', () => {
    const rule = { from_port: 22, cidr_blocks: ['0.0.0.0/0'], description: '', security_groups: [] }
    const text = plain({
      diffs: [aDiff({ attribute: 'ingress', oldValue: ['10.0.0.0/8'], newValue: [rule] })],
    })
    expect(text).toContain(
      'ingress  - "10.0.0.0/8"\n                   + {from_port: 22, cidr_blocks: ["0.0.0.0/0"]}\n',
    )
  })

  it('tells null, an empty text and an absent value apart', () => {
    const text = plain({
      diffs: [
        aDiff({ attribute: 'kms_key_id', oldValue: null, newValue: '' }),
        aDiff({ attribute: 'tags.Owner', newValue: 'eve', changeType: 'added' }),
        aDiff({ attribute: 'tags.Team', oldValue: 'net', changeType: 'removed' }),
      ],
    })
    expect(lineWith(text, 'kms_key_id')).toContain('null → ""')
    expect(lineWith(text, 'tags.Owner')).toMatch(/tags\.Owner {2}\+ "eve"$/)
    expect(lineWith(text, 'tags.Team')).toMatch(/tags\.Team {3}- "net"$/)
  })

  it('puts values that do not fit one line on two, and cuts their middle', () => {
    const arn = (name: string) => `arn:aws:iam::123456789012:role/${'x'.repeat(100)}/${name}`
    const text = plain(
      { diffs: [aDiff({ attribute: 'role', oldValue: arn('reader'), newValue: arn('admin') })] },
      80,
    )
    expect(lineWith(text, '/reader"')).toMatch(/role {2}- "arn:aws:iam::.*…x+\/reader"$/)
    expect(lineWith(text, '/admin"')).toMatch(/\+ "arn:aws:iam::.*…x+\/admin"$/)
    for (const line of text.split('\n').filter((line) => line.includes('…'))) expect(line).toHaveLength(80)
  })

  it('never cuts addresses, links and commands: they are copied', () => {
    const command = `aws s3api put-bucket-policy --policy '${'p'.repeat(300)}'`
    expect(plain({ revertCommand: command }, 60)).toContain(command)
  })

  it('stays short where much has changed', () => {
    const diffs = Array.from({ length: 40 }, (_, index) => aDiff({ attribute: `tags.T${index}` }))
    const lines = plain({ diffs }).split('\n')
    expect(lines.length).toBeLessThanOrEqual(13)
    expect(lines).toContain('          … 35 more lines')
  })

  it('says that a drift is over, and what ended it', () => {
    expect(plain({ status: 'resolved', resolvedBy: 'state' }).split('\n')[0]).toMatch(
      / {2}resolved by state$/,
    )
  })

  it('suggests the fix where no command is known', () => {
    expect(plain({ revertCommand: null })).toMatch(/ {10}fix {6}Require IMDSv2 again\.$/)
  })

  it('names the account of an actor from elsewhere', () => {
    const actor = { ...anAlertJson().actor, account: '999999999999' }
    expect(lineWith(plain({ actor }), 'who')).toContain('of account 999999999999')
  })
})

describe('colour', () => {
  it('is used only where it is asked for', () => {
    expect(formatAlert(anAlertJson(), { colour: true })).toContain('\u001b[')
    expect(plain()).not.toContain('\u001b')
  })

  it('changes no text', () => {
    const coloured = formatAlert(anAlertJson(), { colour: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences are what is taken out
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain())
  })
})

it('lets no text of an attacker act on the terminal or forge a line', () => {
  const evil = 'x\u001b[2J\u001b]0;pwned\u0007\r\nCRITICAL  forged\u009b31m\u202egnp\u2028\u200b'
  const { resource, actor, sourceEvent, ...alert } = anAlertJson()
  const text = formatAlert(
    {
      ...alert,
      resource: {
        ...resource!,
        address: evil,
        id: evil,
        region: evil,
        state: { ...resource!.state!, source: evil },
      },
      diffs: [
        {
          attribute: evil,
          oldValue: evil,
          newValue: [evil, { [evil]: evil }],
          changeType: 'modified',
          sensitive: false,
        },
      ],
      actor: { ...actor, name: evil, sourceIp: evil, email: evil },
      sourceEvent: { ...sourceEvent, name: evil, source: evil, id: evil },
      matchedRules: [{ id: evil, name: evil, severity: 'high' }],
      runbookUrl: evil,
      revertCommand: evil,
      resolvedBy: evil,
      status: 'resolved',
    },
    { colour: false },
  )
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  expect(text).not.toMatch(/^CRITICAL {2}forged/m)
  expect(text).toContain('\\u{1b}')
})
