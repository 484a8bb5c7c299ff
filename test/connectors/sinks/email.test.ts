import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { checkEmail, emailConfig, emailSink } from '../../../connectors/sinks/email.ts'
import { anAlertJson } from '../an-alert.ts'
import { smtpReceiver } from './smtp-receiver.ts'

const live = new AbortController().signal
const settings = { host: '127.0.0.1', from: 'tfdrift@example.com', to: 'ops@example.com' }
const plain = { ...settings, security: 'none' as const }

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A server of which each line is answered by this. */
async function serverOf(answer: (line: string, socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.write('220 mail.example.com ESMTP\r\n')
    socket.on('data', (data) => {
      for (const line of data.toString().split('\r\n').filter(Boolean)) answer(line, socket)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

const greets = (offers: string) => (line: string, socket: Socket) =>
  void socket.write(
    line.startsWith('EHLO') ? `250-mail.example.com\r\n250 ${offers}\r\n` : '502 5.5.1 no\r\n',
  )

describe('a mail is not sent', () => {
  it('to a server that offers no STARTTLS', async () => {
    const lines: string[] = []
    const port = await serverOf((line, socket) => {
      lines.push(line)
      greets('SIZE 1000')(line, socket)
    })
    await expect(emailSink({ ...settings, port }).deliver([anAlertJson()], live)).rejects.toThrow(/:\d+ /)
    expect(lines.filter((line) => line.startsWith('MAIL'))).toEqual([])
  })

  it('to a server that offers no login, where there is one', async () => {
    const { port, accepted, close } = await smtpReceiver()
    const sink = emailSink({ ...plain, port, username: 'a', password: 'hunter2' })
    const error = await sink.deliver([anAlertJson()], live).catch((reason: Error) => reason)
    expect((error as Error).message).toMatch(/cannot be used|refused/)
    expect((error as Error).message).not.toContain('hunter2')
    expect(accepted).toEqual([])
    await close()
  })

  it('while nobody is there, which may pass', async () => {
    const { port, close } = await smtpReceiver()
    await close()
    const sink = emailSink({ ...plain, port })
    await expect(sink.deliver([anAlertJson()], live)).rejects.toMatchObject({
      retryable: true,
      message: `127.0.0.1:${port} cannot be used: ECONNREFUSED`,
    })
    expect(await checkEmail(emailConfig.parse({ ...plain, port }))).toMatchObject([{ ok: false }])
  })

  it('where the file of the authority cannot be read, and then where it can', async () => {
    const sink = emailSink({ ...settings, ca: '/nowhere/ca.pem' })
    await expect(sink.deliver([anAlertJson()], live)).rejects.toThrow(
      'ca: /nowhere/ca.pem cannot be read (ENOENT)',
    )
  })
})

it("of the server's answer only the codes are quoted", async () => {
  const { port, answer, close } = await smtpReceiver()
  answer((reply) => reply(552, '5.3.4 you sent hunter2'))
  await expect(emailSink({ ...plain, port }).deliver([anAlertJson()], live)).rejects.toMatchObject({
    retryable: false,
    message: `127.0.0.1:${port} answered: 552 5.3.4`,
  })
  await close()
})

describe('the configuration', () => {
  const faults = (config: object) =>
    emailConfig.safeParse(config).error?.issues.map(({ path }) => path.join('.'))

  it.each([
    ['a plain connection to another machine', { ...plain, host: 'mail.example.com' }, ['security']],
    ['a user without a password', { ...settings, username: 'a' }, ['password']],
    ['a name for an address', { ...settings, from: 'TFDrift' }, ['from']],
    ['a line break in an address', { ...settings, to: ['a@example.com\r\nBcc: b@example.com'] }, ['to.0']],
    ['a host with a port', { ...settings, host: 'http://mail' }, ['host']],
  ])('refuses %s', (_, config, where) => {
    expect(faults(config)).toEqual(where)
  })

  it('takes a plain connection where that is meant', () => {
    expect(faults({ ...plain, host: 'mail.example.com', allowPlain: true })).toBeUndefined()
  })
})
