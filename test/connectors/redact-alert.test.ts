import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { alertJson } from '../../connectors/alert-json.ts'
import { compileRedaction, type RedactRule } from '../../connectors/redact-alert.ts'
import { sinkKinds } from '../../connectors/sinks/index.ts'
import { aDiff, anAlert, anAlertJson } from './an-alert.ts'
import { webhookReceiver } from './sinks/webhook-receiver.ts'

const key = Buffer.alloc(32, 1)
const redact = (rules: RedactRule[], alert = anAlertJson()) => compileRedaction(rules, key)(alert)
const textOf = (value: unknown) => JSON.stringify(value)

const secret = 'master-of-orders'
/** A value that stands in every part of an alert in which a value may stand. */
const everywhere = alertJson(
  anAlert({
    message: `alice changed username of aws_db_instance.a from "old" to "${secret}"`,
    diffs: [
      aDiff({ attribute: 'username', oldValue: 'old', newValue: secret }),
      aDiff({ attribute: 'tags.Owner', oldValue: secret, newValue: 'somebody' }),
      aDiff({ attribute: 'ingress', oldValue: [{ port: 80, note: secret }], newValue: [] }),
    ],
    resourceTags: { Owner: secret, Team: 'net' },
    remediation: [`Set it back: aws rds modify-db-instance --username ${secret}`],
    revertCommand: `aws rds modify-db-instance --username ${secret}`,
    changeHistory: [{ time: '2026-03-01T10:00:00Z', actor: secret, event: 'X', attributes: ['username'] }],
  }),
)

describe('what a sink is not to show', () => {
  test.each<[string, RedactRule]>([
    ['its path', { path: 'username', action: 'hide' }],
    ['a glob of its path', { path: 'user*', action: 'hash' }],
    ['the place of an element', { path: 'ingress[*].note', action: 'hide' }],
    ['its tag', { tag: 'Owner', action: 'shorten' }],
    ['the type of its resource', { type: 'aws_*', action: 'hide' }],
    ['type and path', { type: 'aws_instance', path: 'username', action: 'hide' }],
    ['an expression', { matches: 'master-[a-z-]+', action: 'hash' }],
    ['what it is: a name', { about: 'names', action: 'hide' }],
  ])('is seen nowhere when it is told by %s', (_, rule) => {
    expect(textOf(redact([rule], everywhere))).not.toContain(secret)
    expect(textOf(everywhere)).toContain(secret)
  })

  it('takes the command along, which would be another one, and leaves a command without it as it is', () => {
    const rule: RedactRule = { tag: 'Owner', action: 'hide' }
    expect(redact([rule], everywhere).revertCommand).toBeNull()
    expect(redact([rule]).revertCommand).toBe(anAlertJson().revertCommand)
  })

  it('is told by the type only of such resources', () => {
    expect(redact([{ type: 'google_*', path: '*', action: 'hide' }], everywhere)).toEqual(everywhere)
  })

  it('leaves the rest as it is', () => {
    const { diffs, resourceTags, ...rest } = redact([{ path: 'tags.Owner', action: 'hide' }])
    const { diffs: _, resourceTags: __, ...before } = anAlertJson()
    expect(rest).toEqual(before)
    expect(diffs).toEqual(anAlertJson().diffs)
    expect(resourceTags).toEqual({ Environment: 'production' })
  })

  it('is found in the quotes of messages and of commands', () => {
    const value = `it's "so"`
    const alert = anAlertJson({
      resourceTags: { Owner: value },
      message: `changed ${JSON.stringify(value)}`,
      remediation: [`aws x --owner 'it'\\''s "so"'`],
    })
    const shown = redact([{ tag: 'Owner', action: 'hide' }], alert)
    expect(shown.message).toBe('changed "[hidden]"')
    expect(shown.remediation).toEqual([`aws x --owner '[hidden]'`])
  })

  it('is replaced in other words only where it is long', () => {
    const alert = anAlertJson({ resourceTags: { N: 'a1' }, message: 'a1 and a12 are not "a1"' })
    expect(redact([{ tag: 'N', action: 'hide' }], alert).message).toBe('[hidden] and a12 are not "[hidden]"')
  })

  it('says nothing of a part of a value in the message', () => {
    const long = 'x'.repeat(400)
    const alert = anAlertJson({
      diffs: [aDiff({ attribute: 'user_data', oldValue: 'before', newValue: long })],
      message: `alice changed user_data from "before" to "${long.slice(0, 90)}…`,
    })
    expect(redact([{ path: 'user_data', action: 'hide' }], alert).message).toBe(
      'alice changed user_data of module.net.aws_instance.web["a"] (ModifyInstanceMetadataOptions)',
    )
  })
})

describe('account ids, names, addresses and IPs', () => {
  const whole = textOf(anAlertJson())
  test.each<[NonNullable<RedactRule['about']>, string[]]>([
    ['accounts', ['123456789012']],
    ['names', ['alice', 'AIDA1', 'Admin']],
    ['addresses', ['module.net.aws_instance.web']],
    ['ips', ['203.0.113.10']],
  ])('%s are seen nowhere', (about, values) => {
    const shown = textOf(redact([{ about, action: 'hide' }]))
    for (const value of values) {
      expect(whole).toContain(value)
      expect(shown).not.toContain(value)
    }
  })

  it('IPs are found in any text, by either form, but not those that stand for all, nor times', () => {
    const message = 'from 10.1.2.3/24 and 2001:db8::1/64 to 0.0.0.0/0 and ::/0 at 10:00:01, version 1.2.3'
    expect(redact([{ about: 'ips', action: 'hide' }], anAlertJson({ message })).message).toBe(
      'from [hidden]/24 and [hidden]/64 to 0.0.0.0/0 and ::/0 at 10:00:01, version 1.2.3',
    )
  })
})

describe('an action', () => {
  const account = (action: RedactRule['action'], by = key) =>
    compileRedaction([{ about: 'accounts', action }], by)(anAlertJson()).resource!.account

  it('hides, shortens to the end, or gives a hash that is the same for the same value and key only', () => {
    expect(account('hide')).toBe('[hidden]')
    expect(account('shorten')).toBe('…9012')
    expect(account('hash')).toMatch(/^#[0-9a-f]{12}$/)
    expect(account('hash')).toBe(account('hash'))
    expect(account('hash', Buffer.alloc(32, 2))).not.toBe(account('hash'))
  })
})

it('keeps what makes an alert itself, whatever is redacted', () => {
  const rules: RedactRule[] = [
    { matches: '.+', action: 'hide' },
    { type: '*', action: 'hide' },
  ]
  const { id, driftId, type, status, severity, detectedAt, actor, sourceEvent, resource } = redact(rules)
  const before = anAlertJson()
  expect({ id, driftId, type, status, severity, detectedAt }).toEqual({
    id: before.id,
    driftId: before.driftId,
    type: before.type,
    status: before.status,
    severity: before.severity,
    detectedAt: before.detectedAt,
  })
  expect([actor.tool, sourceEvent.time, resource!.type]).toEqual([
    'console',
    '2026-03-01T10:00:01Z',
    'aws_instance',
  ])
})

it('whatever the value is, it is seen nowhere', () => {
  const value = fc
    .string({ unit: 'grapheme', minLength: 4, maxLength: 30 })
    .filter((text) => text.trim().length > 3)
  fc.assert(
    fc.property(value, (text) => {
      const hidden = `<${text}>`
      const alert = alertJson(
        anAlert({
          message: `changed to ${JSON.stringify(hidden)}`,
          diffs: [aDiff({ attribute: 'name', oldValue: 'x', newValue: [{ deep: hidden }] })],
          resourceTags: { Same: hidden },
          remediation: [hidden],
        }),
      )
      const shown = textOf(redact([{ path: 'name', action: 'hide' }], alert))
      expect(shown).not.toContain(JSON.stringify(hidden).slice(1, -1))
    }),
  )
})

it('a sink receives nothing of it', async () => {
  const receiver = await webhookReceiver(`whsec_${Buffer.alloc(32, 7).toString('base64')}`)
  try {
    const config = { url: receiver.url, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }
    const sink = sinkKinds.webhook.create(config, { write: () => {}, colour: false })
    const shown = redact([{ path: 'username', action: 'hide' }], everywhere)
    await sink.deliver([shown], new AbortController().signal)
    expect(receiver.accepted).toHaveLength(1)
    expect(textOf(receiver.accepted)).not.toContain(secret)
  } finally {
    await receiver.close()
  }
})
