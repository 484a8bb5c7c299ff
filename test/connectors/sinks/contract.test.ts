import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sinkKinds } from '../../../connectors/sinks/index.ts'
import { discordReceiver } from './discord-receiver.ts'
import { falcosidekickReceiver } from './falcosidekick-receiver.ts'
import { jiraReceiver } from './jira-receiver.ts'
import { pagerdutyReceiver } from './pagerduty-receiver.ts'
import { type SinkCase, type SinkHarness, sinkContract } from './sink.contract.ts'
import { slackReceiver } from './slack-receiver.ts'
import { smtpReceiver } from './smtp-receiver.ts'
import { splunkReceiver } from './splunk-receiver.ts'
import { webhookReceiver } from './webhook-receiver.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** One of each kind: the compiler asks for the one that is missing. */
const harnesses: Record<keyof typeof sinkKinds, SinkCase> = {
  console: {
    open: consoleHarness,
    cannot: { 'refuse for good': 'a closed pipe is all that can happen', hang: 'it is written at once' },
  },
  webhook: { open: webhookHarness, cannot: {} },
  'siem-file': { open: siemFileHarness, cannot: { hang: 'a file on a disk answers' } },
  slack: { open: slackHarness, cannot: {} },
  email: { open: emailHarness, cannot: {} },
  falco: { open: falcoHarness, cannot: {} },
  jira: { open: jiraHarness, cannot: {} },
  splunk: { open: splunkHarness, cannot: {} },
  'audit-log': { open: auditLogHarness, cannot: { hang: 'a file on a disk answers' } },
  discord: { open: discordHarness, cannot: {} },
  pagerduty: { open: pagerdutyHarness, cannot: {} },
}

for (const [name, kind] of Object.entries(sinkKinds)) {
  sinkContract(name, kind, harnesses[name as keyof typeof sinkKinds])
}

async function consoleHarness(): Promise<SinkHarness> {
  let text = ''
  let broken = false
  return {
    config: {},
    deps: {
      write(more) {
        if (broken) throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
        text += more
      },
    },
    received: async () => [...text.matchAll(/^ +when .* (\S+)$/gm)].map((match) => match[1]!),
    become: async (mood) => {
      broken = mood === 'refuse for now'
    },
    close: async () => {},
  }
}

async function webhookHarness(): Promise<SinkHarness> {
  const receiver = await webhookReceiver(secret)
  return {
    config: { url: receiver.url, secret },
    received: async () => receiver.accepted.map((one) => one.id),
    become: async (mood) =>
      receiver.answer((response) => {
        if (mood === 'accept') response.writeHead(204).end()
        if (mood === 'refuse for now') response.writeHead(503, { 'retry-after': '1' }).end()
        if (mood === 'refuse for good') response.writeHead(422).end()
      }),
    close: receiver.close,
  }
}

interface Line {
  metadata: { uid: string }
  alert: { id: string; status: string }
}

function siemFileHarness(): Promise<SinkHarness> {
  return fileHarness((line) => line.metadata.uid)
}

function auditLogHarness(): Promise<SinkHarness> {
  return fileHarness(({ alert }) => `${alert.id}:${alert.status}`)
}

async function fileHarness(idOf: (line: Line) => string): Promise<SinkHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'sink-'))
  const [home, path] = [join(folder, 'home'), join(folder, 'home', 'alerts.ndjson')]
  await mkdir(home)
  return {
    config: { path },
    async received() {
      const text = await readFile(path, 'utf8').catch(() => '')
      return text.split('\n').flatMap((line) => (line ? idOf(JSON.parse(line)) : []))
    },
    async become(mood) {
      if (mood === 'refuse for now') await rename(home, join(folder, 'away'))
      if (mood === 'accept') await rename(join(folder, 'away'), home)
      if (mood === 'refuse for good') await mkdir(path)
    },
    close: () => rm(folder, { recursive: true }),
  }
}

async function slackHarness(): Promise<SinkHarness> {
  const receiver = await slackReceiver()
  return {
    config: { url: receiver.url, intervalMs: 0 },
    received: async () =>
      receiver.accepted.map((one) => /\*Event\*\\n`([^`]+)`/.exec(JSON.stringify(one.blocks))![1]!),
    text: async () => receiver.accepted.map(({ text, blocks }) => text + JSON.stringify(blocks)).join('\n'),
    become: async (mood) =>
      receiver.answer(
        mood === 'accept'
          ? null
          : (response) => {
              if (mood === 'refuse for now')
                response.writeHead(429, { 'retry-after': '1' }).end('rate_limited')
              if (mood === 'refuse for good') response.writeHead(404).end('no_service')
            },
      ),
    close: receiver.close,
  }
}

async function emailHarness(): Promise<SinkHarness> {
  const receiver = await smtpReceiver()
  return {
    config: {
      host: '127.0.0.1',
      port: receiver.port,
      security: 'none',
      from: 'tfdrift@example.com',
      to: 'ops@example.com',
    },
    received: async () => receiver.accepted,
    text: async () => receiver.texts.join('\n'),
    become: async (mood) =>
      receiver.answer(
        mood === 'accept'
          ? null
          : (reply) => {
              if (mood === 'refuse for now') reply(450, '4.7.1 too many messages, slow down')
              if (mood === 'refuse for good') reply(550, '5.7.1 not here')
            },
      ),
    close: receiver.close,
  }
}

async function falcoHarness(): Promise<SinkHarness> {
  const receiver = await falcosidekickReceiver()
  return {
    config: { url: receiver.url },
    received: async () => receiver.accepted.map((one) => String(one.output_fields['tfdrift.event.id'])),
    become: async (mood) =>
      receiver.answer(
        mood === 'accept'
          ? null
          : (response) => {
              if (mood === 'refuse for now') response.writeHead(429, { 'retry-after': '1' }).end()
              if (mood === 'refuse for good') response.writeHead(403).end()
            },
      ),
    close: receiver.close,
  }
}

async function jiraHarness(): Promise<SinkHarness> {
  const receiver = await jiraReceiver()
  return {
    config: { ...receiver.account, project: 'SEC', searchLagMs: 0 },
    received: async () => receiver.marks,
    become: async (mood) =>
      receiver.answer(
        mood === 'accept'
          ? null
          : (response) => {
              if (mood === 'refuse for now') response.writeHead(429, { 'retry-after': '1' }).end()
              if (mood === 'refuse for good') response.writeHead(403).end()
            },
      ),
    close: receiver.close,
  }
}

async function splunkHarness(): Promise<SinkHarness> {
  const receiver = await splunkReceiver({ acks: true })
  return {
    config: { url: receiver.url, token: receiver.token },
    received: async () => receiver.indexed.map(({ event }) => `${event.id}:${event.status}`),
    become: async (mood) =>
      receiver.answer(
        mood === 'accept'
          ? null
          : (response) => {
              if (mood === 'refuse for now') response.writeHead(503).end('{"text":"Server is busy","code":9}')
              if (mood === 'refuse for good')
                response.writeHead(403).end('{"text":"Token disabled","code":1}')
            },
      ),
    close: receiver.close,
  }
}

async function pagerdutyHarness(): Promise<SinkHarness> {
  const receiver = await pagerdutyReceiver()
  return {
    config: { url: receiver.url, routingKey: receiver.routingKey },
    received: async () =>
      receiver.accepted.map(
        ({
          payload: {
            custom_details: { alert },
          },
        }) => `${alert.id}:${alert.status}`,
      ),
    become: async (mood) =>
      receiver.answer(
        mood === 'accept'
          ? null
          : (response) => {
              if (mood === 'refuse for now') response.writeHead(429, { 'retry-after': '1' }).end()
              if (mood === 'refuse for good')
                response.writeHead(400).end('{"status":"invalid event","errors":["Invalid routing key"]}')
            },
      ),
    close: receiver.close,
  }
}

async function discordHarness(): Promise<SinkHarness> {
  const receiver = await discordReceiver()
  return {
    config: { url: receiver.url },
    text: async () => receiver.bodies.join('\n'),
    received: async () =>
      receiver.accepted.map(
        ({ embed }) => /`(.+)`/.exec(embed.fields.find(({ name }) => name === 'Event')!.value)![1]!,
      ),
    become: async (mood) =>
      receiver.answer(
        mood === 'accept'
          ? null
          : (response) => {
              if (mood === 'refuse for now')
                response.writeHead(429).end('{"message":"limited","retry_after":0.05,"global":false}')
              if (mood === 'refuse for good')
                response.writeHead(404).end('{"message":"Unknown Webhook","code":10015}')
            },
      ),
    close: receiver.close,
  }
}
