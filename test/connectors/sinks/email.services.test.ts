import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DeliveryError } from '../../../connectors/sink.ts'
import { checkEmail, emailConfig, emailSink } from '../../../connectors/sinks/email.ts'
import { sinkKinds } from '../../../connectors/sinks/index.ts'
import type { Alert } from '../../../schemas/types.ts'
import { available } from '../../services/available.ts'
import { aDiff, anAlert, anAlertJson } from '../an-alert.ts'
import { type PeerMood, type SinkHarness, sinkContract } from './sink.contract.ts'

interface Received {
  from: string
  to: string[]
  secured: boolean
  loggedIn: boolean
  headers: Record<string, string>
  defects: string[]
  longestLine: number
  text: string
  html: string
}

const live = new AbortController().signal
const smtp = available().smtp!
const behave = (mood: object) => fetch(smtp.control, { method: 'POST', body: JSON.stringify(mood) })
const received = async () => (await (await fetch(smtp.control)).json()) as Received[]

const config = () => ({
  host: '127.0.0.1',
  port: smtp.starttlsPort,
  ca: smtp.ca,
  username: smtp.username,
  password: smtp.password,
  from: 'tfdrift@example.com',
  to: ['ops@example.com', 'dev@example.com'],
})

const moods: Record<PeerMood, object> = {
  accept: {},
  'refuse for now': { data: '451 4.7.1 greylisted, try again later' },
  'refuse for good': { data: '554 5.7.1 refused' },
  hang: { hang: true },
}

async function open(): Promise<SinkHarness> {
  await behave({})
  return {
    config: config(),
    received: async () => (await received()).map(({ headers }) => headers['x-tfdrift-alert']!),
    text: async () => (await received()).map(({ text }) => text).join('\n'),
    become: async (mood) => void (await behave(moods[mood])),
    close: async () => void (await behave({})),
  }
}

describe.skipIf(!smtp)('with a real mail server', () => {
  sinkContract('email', sinkKinds.email, { open, cannot: {} })

  describe('a mail', () => {
    beforeEach(() => behave({}))
    afterEach(() => behave({}))

    async function sent(changes: Partial<Alert> = {}, settings: object = {}): Promise<Received> {
      await emailSink({ ...config(), ...settings }).deliver([anAlertJson(changes)], live)
      return (await received()).at(-1)!
    }

    async function refusalOf(settings: object = {}): Promise<DeliveryError> {
      const error = await sent({}, settings).then(
        () => expect.fail('the server accepted it'),
        (reason: unknown) => reason,
      )
      expect(error).toBeInstanceOf(DeliveryError)
      expect((error as DeliveryError).message).not.toContain(smtp.password)
      return error as DeliveryError
    }

    it.each([
      ['STARTTLS', () => ({})],
      ['TLS', () => ({ port: smtp.tlsPort, security: 'tls' })],
    ])('comes by %s and with a login, to everybody at once', async (_, settings) => {
      const mail = await sent({}, settings())
      expect(mail).toMatchObject({
        secured: true,
        loggedIn: true,
        from: 'tfdrift@example.com',
        to: ['ops@example.com', 'dev@example.com'],
      })
      expect(mail.headers.to).toBe('ops@example.com, dev@example.com')
    })

    it('says all in text and in HTML, without a fault that a parser would find', async () => {
      const alert = anAlert()
      const { text, html, headers, defects } = await sent()
      expect(defects).toEqual([])
      for (const part of [
        '"required" → "optional"',
        'alice',
        alert.sourceEvent.name,
        alert.matchedRules[0]!.name,
      ])
        expect(text).toContain(part)
      expect(text).toContain(`\n\nRevert:\n${alert.revertCommand}\n\n`)
      expect(html).toContain(
        '<code>metadata_options[0].http_tokens: &quot;required&quot; → &quot;optional&quot;</code>',
      )
      expect(headers.subject).toBe(`critical: attribute drift: ${alert.resource!.address}`)
      expect(headers).toMatchObject({ importance: 'High', 'auto-submitted': 'auto-generated' })
    })

    it('has an id of its own, the same in every attempt, and refers to its drift', async () => {
      const [first, again, resolved] = [await sent(), await sent(), await sent({ status: 'resolved' })]
      const { id, driftId } = anAlert()
      const root = `<drift-${driftId}@example.com>`
      expect(first.headers['message-id']).toBe(`<${id}.open@example.com>`)
      expect(again.headers['message-id']).toBe(first.headers['message-id'])
      expect(resolved.headers['message-id']).toBe(`<${id}.resolved@example.com>`)
      for (const { headers } of [first, resolved])
        expect(headers).toMatchObject({ references: root, 'in-reply-to': root })
    })

    it('stays whole and harmless where every text is hostile', async () => {
      const text = `\r\nBcc: eve@example.com\r\n.\r\n<script>alert(1)</script>=?utf-8?q?x?= ü🚧${'x'.repeat(5_000)}`
      const resource = { ...anAlert().resource!, address: text, id: text }
      const diffs = Array.from({ length: 300 }, () =>
        aDiff({ attribute: text, oldValue: text, newValue: [text] }),
      )
      const mail = await sent({
        message: text,
        resource,
        diffs,
        revertCommand: text,
        runbookUrl: `https://${text}`,
      })
      expect(mail.defects).toEqual([])
      expect(mail.to).toEqual(['ops@example.com', 'dev@example.com'])
      expect(mail.headers).not.toHaveProperty('bcc')
      expect(mail.headers.subject).toContain('\\u{d}\\u{a}Bcc: eve@example.com')
      expect(mail.html).not.toContain('<script')
      expect(mail.text).toMatch(/… \d+ more/)
      expect(mail.longestLine).toBeLessThanOrEqual(998)
    })

    it('is sent again only to those who have not got it', async () => {
      const sink = emailSink(config())
      await behave({ rcpt: { 'dev@example.com': '450 4.2.1 mailbox busy' } })
      await expect(sink.deliver([anAlertJson()], live)).rejects.toMatchObject({
        retryable: true,
        message: expect.stringMatching(/refused a recipient: 450 4\.2\.1$/),
      })
      expect((await received()).map(({ to }) => to)).toEqual([['ops@example.com']])
      await behave({})
      await sink.deliver([anAlertJson()], live)
      await sink.deliver([anAlertJson({ status: 'resolved' })], live)
      const everybody = ['ops@example.com', 'dev@example.com']
      expect((await received()).map(({ to }) => to)).toEqual([['dev@example.com'], everybody])
    })

    it('that a recipient refuses for good is given up for him', async () => {
      await behave({ rcpt: { 'dev@example.com': '550 5.1.1 no such user' } })
      expect(await refusalOf()).toMatchObject({
        retryable: false,
        message: expect.stringMatching(/refused a recipient: 550 5\.1\.1$/),
      })
    })

    it('is not sent with a wrong password', async () => {
      expect(await refusalOf({ password: 'wrong' })).toMatchObject({
        retryable: false,
        message: expect.stringMatching(/refused the login: 535 5\.7\.8$/),
      })
      expect(await received()).toEqual([])
    })

    it('is not sent to a server whose certificate nobody known has signed', async () => {
      for (const settings of [{ ca: smtp.otherCa }, { ca: undefined }])
        expect(await refusalOf(settings)).toMatchObject({ retryable: true })
      expect(await received()).toEqual([])
    })

    it('is not sent without login to a server that wants one', async () => {
      expect(await refusalOf({ username: undefined, password: undefined })).toMatchObject({
        retryable: false,
      })
    })
  })

  it('the check logs in and sends nothing', async () => {
    await behave({})
    const what = `mail server 127.0.0.1:${smtp.starttlsPort}`
    expect(await checkEmail(emailConfig.parse(config()))).toEqual([{ what, ok: true }])
    const [found] = await checkEmail(emailConfig.parse({ ...config(), password: 'wrong' }))
    expect(found).toMatchObject({ ok: false, problem: expect.stringContaining('refused the login') })
    expect(await received()).toEqual([])
  })
})
