import { readFile } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import type { NodemailerError, Transporter } from 'nodemailer'
import { z } from 'zod'
import type { Check } from '../check.ts'
import { DeliveryError, type Sink } from '../sink.ts'
import { groupMail, groupMailSize } from './formats/group-mail.ts'
import { alertMail, type Mail } from './formats/mail.ts'
import { PROBE_MS, peerCheck } from './http-peer.ts'

const address = z.email()

export const emailConfig = z
  .strictObject({
    host: z.string().regex(/^[\w.:-]+$/, { error: 'must be a host name or IP address, without a port' }),
    /** Left out: 465 with tls, 587 with starttls, 25 with none. */
    port: z.int().min(1).max(65_535).optional(),
    /** none: what is sent can be read on the way. Only to this machine, unless allowPlain is true. */
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    allowPlain: z.boolean().optional(),
    /** A PEM file: the authority of the server's certificate, where that is your own. */
    ca: z.string().min(1).optional(),
    username: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    from: address,
    to: z.union([address, z.array(address).min(1).max(50)]),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    path: ['password'],
    error: 'username and password come together; give both or none',
  })
  .refine(
    ({ security, allowPlain, host }) => security !== 'none' || allowPlain === true || isLoopback(host),
    {
      path: ['security'],
      error:
        'none sends in the open, which anybody on the way can read; use starttls or tls, or set allowPlain: true',
      when: ({ value }) => typeof (value as { host?: unknown } | null)?.host === 'string',
    },
  )

type EmailConfig = z.input<typeof emailConfig>

/** What the library says when something went wrong; `permanent` only where the server has answered. */
type Failure = Partial<
  Pick<NodemailerError, 'code' | 'originalCode' | 'response' | 'permanent' | 'rejectedErrors'>
>

/**
 * Sends each alert, or a group of them, by SMTP, as text and HTML, a connection each. Delivered means that the server has taken it for
 * every recipient: where it refuses some of them for now, only those are tried again. A 5yz is final, a 4yz and a lost
 * connection are not. SMTP knows no idempotency id, but every attempt has the same Message-ID. Errors quote the
 * server's codes only, since its text may quote ours.
 */
export function emailSink(config: EmailConfig): Sink {
  const peer = peerOf(config)
  const domain = config.from.slice(config.from.lastIndexOf('@') + 1)
  const recipients = [config.to].flat()
  /** Who has not got a message, by its id, where others have. */
  const left = new LRUCache<string, string[]>({ max: 1_000 })

  async function send(mail: Mail, mark: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { subject, text, html, messageId, thread, urgency } = mail
    const to = left.get(messageId) ?? recipients
    const transport = await transportOf(config)
    const { rejected = [], rejectedErrors = [] } = await transport
      .sendMail({
        envelope: { from: config.from, to },
        from: { name: 'TFDrift', address: config.from },
        to: recipients,
        subject,
        text,
        html,
        messageId,
        inReplyTo: thread,
        references: thread,
        priority: urgency,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-TFDrift-Alert': mark },
        signal,
      })
      .catch((cause: Failure) => {
        signal.throwIfAborted()
        throw refusal(peer, cause)
      })
    if (rejected.length > 0) left.set(messageId, rejected)
    else left.delete(messageId)
    if (rejected.length > 0) throw refusal(peer, { rejectedErrors })
  }

  return {
    batchSize: 1,
    async deliver(alerts, signal) {
      for (const alert of alerts) await send(alertMail(alert, domain), `${alert.id}:${alert.status}`, signal)
    },
    group: {
      fits: groupMailSize,
      deliver: (group, signal) =>
        send(groupMail(group, domain), `${group.kind} of ${group.alerts.length}`, signal),
    },
  }
}

/** Connects, secures and logs in; sends nothing. */
export function checkEmail(config: z.output<typeof emailConfig>): Promise<Check[]> {
  const peer = peerOf(config)
  return peerCheck(`mail server ${peer}`, async () => {
    try {
      await (await transportOf(config, PROBE_MS)).verify()
      return { ok: true }
    } catch (error) {
      const { message: problem } = error instanceof DeliveryError ? error : refusal(peer, error as Failure)
      return { ok: false, problem, fix: 'correct host, port, security, username and password' }
    }
  })
}

async function transportOf(config: EmailConfig, patience?: number): Promise<Transporter> {
  const { host, security = 'starttls', username, password } = config
  const { createTransport } = await import('nodemailer')
  return createTransport({
    host,
    port: portOf(config),
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(config.ca !== undefined && { tls: { ca: await authority(config.ca) } }),
    // A server that offers no login, or somebody in between who takes the offer away, gets nothing.
    ...(username !== undefined && { auth: { user: username, pass: password }, forceAuth: true }),
    ...(patience !== undefined && {
      connectionTimeout: patience,
      greetingTimeout: patience,
      socketTimeout: patience,
    }),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

async function authority(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const what = `ca: ${file} cannot be read (${cause.code}); correct the path or allow it to be read`
    throw new DeliveryError(what, { retryable: true, cause })
  })
}

function portOf({ port, security = 'starttls' }: EmailConfig): number {
  return port ?? { starttls: 587, tls: 465, none: 25 }[security]
}

function peerOf(config: EmailConfig): string {
  return `${config.host}:${portOf(config)}`
}

function refusal(peer: string, cause: Failure): DeliveryError {
  const refused = cause.rejectedErrors ?? []
  const answers = [...new Set((refused.length > 0 ? refused : [cause]).map(replyCode))].join(', ')
  const permanent =
    refused.length > 0 ? refused.every((one) => one.permanent === true) : cause.permanent === true
  const who = refused.length === 1 ? 'a recipient' : `${refused.length} recipients`
  const what =
    refused.length > 0
      ? `refused ${who}: ${answers}`
      : cause.permanent !== undefined
        ? `${cause.code === 'EAUTH' ? 'refused the login' : 'answered'}: ${answers}`
        : `cannot be used: ${answers}`
  return new DeliveryError(`${peer} ${what}`, { retryable: !permanent, cause })
}

/** `550 5.1.1` of the server's answer, or what went wrong without one. */
function replyCode({ response, code, originalCode }: Failure): string {
  const [reply] = /^\d{3}([ -]\d\.\d{1,3}\.\d{1,3}\b)?/.exec(response ?? '') ?? []
  return reply?.replace('-', ' ') ?? originalCode ?? code ?? 'no connection'
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/.test(host)
}
