import type { z } from 'zod'
import type { Check } from '../check.ts'
import type { Sink } from '../sink.ts'
import { auditLogConfig, auditLogSink, checkAuditLog } from './audit-log.ts'
import { consoleConfig, consoleSink } from './console.ts'
import { type DeliverySettings, deliverySettings } from './delivery-settings.ts'
import { checkDiscord, discordConfig, discordSink } from './discord.ts'
import { checkEmail, emailConfig, emailSink } from './email.ts'
import { checkFalco, falcoConfig, falcoSink } from './falco.ts'
import { checkJira, jiraConfig, jiraSink } from './jira.ts'
import { checkPagerduty, pagerdutyConfig, pagerdutySink } from './pagerduty.ts'
import { checkSiemFile, siemFileConfig, siemFileSink } from './siem-file.ts'
import { checkSlack, slackConfig, slackSink } from './slack.ts'
import { checkSplunk, splunkConfig, splunkSink } from './splunk.ts'
import { checkWebhook, webhookConfig, webhookSink } from './webhook.ts'

/** What the process gives to its sinks. */
export interface SinkDeps {
  /** Writes results to stdout. */
  write(text: string): void
  colour: boolean
  /** Columns of the terminal. */
  width?: number | undefined
}

export interface SinkKind {
  /** Strict: unknown fields are errors. Without `name` and `kind`, which are the configuration's own. */
  configSchema: z.ZodType<DeliverySettings>
  /** Takes the configuration as written or as configSchema gave it; throws ZodError if it is wrong. */
  create(config: unknown, deps: SinkDeps): Sink
  /** People get nothing of severity low and info. */
  audience: 'people' | 'machines'
  /** Whether its sinks have `group`. */
  groups: boolean
  /** So many messages in so long, unless the configuration says otherwise: what the peers take, or people bear. */
  limit?: { count: number; perMs: number }
  /** What `tfdrift doctor` asks: whether the peer would take alerts. Delivers nothing. */
  check?(config: unknown): Promise<Check[]>
}

type Nature = Pick<SinkKind, 'audience' | 'groups' | 'limit'>

const machines: Nature = { audience: 'machines', groups: false }
/** One incident for each drift: they are not grouped. */
const incidents: Nature = { audience: 'people', groups: false }

function chat(count: number, perMs: number): Nature {
  return { audience: 'people', groups: true, limit: { count, perMs } }
}

/** Every kind of sink. A new one is a file beside this one, a line here, and a harness in the contract suite. */
export const sinkKinds = {
  console: kind(machines, consoleConfig, (_, deps) => consoleSink(deps)),
  webhook: kind(machines, webhookConfig, webhookSink, checkWebhook),
  'siem-file': kind(machines, siemFileConfig, siemFileSink, checkSiemFile),
  slack: kind(chat(1, 1_000), slackConfig, slackSink, checkSlack),
  email: kind(chat(20, 60_000), emailConfig, emailSink, checkEmail),
  falco: kind(machines, falcoConfig, falcoSink, checkFalco),
  jira: kind(incidents, jiraConfig, jiraSink, checkJira),
  splunk: kind(machines, splunkConfig, splunkSink, checkSplunk),
  pagerduty: kind(incidents, pagerdutyConfig, pagerdutySink, checkPagerduty),
  discord: kind(chat(30, 60_000), discordConfig, discordSink, checkDiscord),
  'audit-log': kind(machines, auditLogConfig, auditLogSink, checkAuditLog),
} satisfies Record<string, SinkKind>

function kind<Shape extends z.ZodRawShape>(
  nature: Nature,
  own: z.ZodObject<Shape>,
  create: (config: z.output<z.ZodObject<Shape>>, deps: SinkDeps) => Sink,
  check?: (config: z.output<z.ZodObject<Shape>>) => Promise<Check[]>,
): SinkKind {
  const configSchema = (own as z.ZodObject).safeExtend(deliverySettings.shape).strict()
  const parse = (config: unknown) => configSchema.parse(config) as z.output<typeof own>
  return {
    ...nature,
    configSchema: configSchema as unknown as z.ZodType<DeliverySettings>,
    create: (config, deps) => create(parse(config), deps),
    ...(check && { check: (config) => check(parse(config)) }),
  }
}
