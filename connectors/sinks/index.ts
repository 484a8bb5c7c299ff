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
  /** What `tfdrift doctor` asks: whether the peer would take alerts. Delivers nothing. */
  check?(config: unknown): Promise<Check[]>
}

/** Every kind of sink. A new one is a file beside this one, a line here, and a harness in the contract suite. */
export const sinkKinds = {
  console: kind(consoleConfig, (_, deps) => consoleSink(deps)),
  webhook: kind(webhookConfig, webhookSink, checkWebhook),
  'siem-file': kind(siemFileConfig, siemFileSink, checkSiemFile),
  slack: kind(slackConfig, slackSink, checkSlack),
  email: kind(emailConfig, emailSink, checkEmail),
  falco: kind(falcoConfig, falcoSink, checkFalco),
  jira: kind(jiraConfig, jiraSink, checkJira),
  splunk: kind(splunkConfig, splunkSink, checkSplunk),
  pagerduty: kind(pagerdutyConfig, pagerdutySink, checkPagerduty),
  discord: kind(discordConfig, discordSink, checkDiscord),
  'audit-log': kind(auditLogConfig, auditLogSink, checkAuditLog),
} satisfies Record<string, SinkKind>

function kind<Shape extends z.ZodRawShape>(
  own: z.ZodObject<Shape>,
  create: (config: z.output<z.ZodObject<Shape>>, deps: SinkDeps) => Sink,
  check?: (config: z.output<z.ZodObject<Shape>>) => Promise<Check[]>,
): SinkKind {
  const configSchema = (own as z.ZodObject).safeExtend(deliverySettings.shape).strict()
  const parse = (config: unknown) => configSchema.parse(config) as z.output<typeof own>
  return {
    configSchema: configSchema as unknown as z.ZodType<DeliverySettings>,
    create: (config, deps) => create(parse(config), deps),
    ...(check && { check: (config) => check(parse(config)) }),
  }
}
