import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

type Reply = (code: number, text: string) => void

/** A mail server on loopback, without TLS and login: it keeps which alerts' mails it has taken. `answer`: to a whole message. */
export async function smtpReceiver() {
  const accepted: string[] = []
  /** What the mails say, decoded. */
  const texts: string[] = []
  let answer: ((reply: Reply) => void) | null = null

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (answer)
          return answer((code, text) => done(Object.assign(new Error(text), { responseCode: code })))
        const [, id, status] =
          /^Message-ID:\s+<([0-9a-f]{64})\.([a-z]+)@example\.com>\r$/m.exec(
            Buffer.concat(chunks).toString(),
          ) ?? []
        if (!id) return done(Object.assign(new Error('5.6.0 no Message-ID'), { responseCode: 554 }))
        accepted.push(`${id}:${status}`)
        texts.push(decoded(Buffer.concat(chunks).toString()))
        return done()
      })
    },
  })
  // A client that goes away while it waits for an answer.
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')

  return {
    port: (server.server.address() as AddressInfo).port,
    accepted,
    texts,
    /** Null: it accepts. */
    answer: (next: typeof answer) => {
      answer = next
    },
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  }
}

/** Quoted-printable breaks its lines; base64 hides the whole part. */
function decoded(mail: string): string {
  const parts = mail.matchAll(/Content-Transfer-Encoding: base64\r\n\r\n([A-Za-z0-9+/=\r\n]+)/g)
  return [
    mail.replaceAll('=\r\n', ''),
    ...[...parts].map(([, part]) => Buffer.from(part!, 'base64').toString()),
  ].join('\n')
}
