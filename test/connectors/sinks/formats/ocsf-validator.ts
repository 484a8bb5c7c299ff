import { isIP } from 'node:net'
import { z } from 'zod'

/** OCSF 1.8.0 Detection Finding as far as this product writes it: strict, so that an attribute of no schema is a fault. */
const text = z.string().min(1)
const time = z.int().min(Date.parse('2000-01-01'))
const entity = { uid: text.optional(), name: text.optional() }
const hasUidOrName = (value: { uid?: unknown; name?: unknown }) => Boolean(value.uid ?? value.name)
const account = z.strictObject({ uid: text, type_id: z.int().optional(), type: text.optional() })
const analytic = z
  .strictObject({ ...entity, type_id: z.literal(1), type: z.literal('Rule') })
  .refine(hasUidOrName)

const actor = z.strictObject({
  user: z.strictObject({
    ...entity,
    name: text,
    email_addr: text.optional(),
    type: text.optional(),
    type_id: z.literal(99).optional(),
    account: account.optional(),
  }),
  session: z.strictObject({ issuer: text.optional(), is_mfa: z.boolean().optional() }).optional(),
  app_name: text.optional(),
})

const evidence = z.strictObject({
  actor,
  api: z
    .strictObject({
      operation: text,
      service: z.strictObject({ name: text }).optional(),
      request: z.strictObject({ uid: text }),
    })
    .optional(),
  src_endpoint: z
    .union([
      z.strictObject({ ip: z.string().refine((ip) => isIP(ip) > 0) }),
      z.strictObject({ svc_name: text }),
    ])
    .optional(),
  data: z.record(z.string(), z.unknown()),
})

const resource = z
  .strictObject({
    ...entity,
    uid_alt: text.optional(),
    type: text,
    region: z.string(),
    tags: z.array(z.strictObject({ name: text, value: z.string() })).optional(),
    data: z.record(z.string(), z.unknown()),
  })
  .refine(hasUidOrName)

const captions: Record<string, Record<number, string>> = {
  activity: { 1: 'Create', 2: 'Update', 3: 'Close' },
  severity: { 1: 'Informational', 2: 'Low', 3: 'Medium', 4: 'High', 5: 'Critical' },
  status: { 1: 'New', 2: 'In Progress', 3: 'Suppressed', 4: 'Resolved', 5: 'Archived' },
}

export const detectionFinding = z
  .strictObject({
    category_uid: z.literal(2),
    category_name: z.literal('Findings'),
    class_uid: z.literal(2004),
    class_name: z.literal('Detection Finding'),
    activity_id: z.int().min(1).max(3),
    activity_name: text,
    type_uid: z.int(),
    type_name: text,
    severity_id: z.int().min(1).max(5),
    severity: text,
    status_id: z.int().min(1).max(5),
    status: text,
    is_alert: z.boolean(),
    time,
    start_time: time,
    message: text,
    metadata: z.strictObject({
      version: z.literal('1.8.0'),
      profiles: z.tuple([z.literal('cloud')]).optional(),
      product: z.strictObject({ name: text, vendor_name: text }),
      log_name: text,
      uid: text,
      original_event_uid: text,
      correlation_uid: text,
    }),
    cloud: z.strictObject({ provider: text, region: z.string(), account }).optional(),
    finding_info: z.strictObject({
      uid: text,
      title: text,
      desc: text,
      types: z.array(text).length(1),
      created_time: time,
      data_sources: z.array(text).optional(),
      analytic,
      related_analytics: z.array(analytic).min(1).optional(),
    }),
    resources: z.array(resource).length(1).optional(),
    evidences: z.array(evidence).length(1),
    remediation: z.strictObject({ desc: text, references: z.array(z.url()).optional() }).optional(),
    unmapped: z.strictObject({ tfdrift: z.looseObject({ id: text }) }),
  })
  .refine((finding) => finding.type_uid === finding.class_uid * 100 + finding.activity_id, {
    path: ['type_uid'],
  })
  .refine((finding) => finding.activity_name === captions.activity![finding.activity_id], {
    path: ['activity_name'],
  })
  .refine((finding) => finding.severity === captions.severity![finding.severity_id], { path: ['severity'] })
  .refine((finding) => finding.status === captions.status![finding.status_id], { path: ['status'] })
  .refine((finding) => (finding.cloud !== undefined) === (finding.metadata.profiles !== undefined), {
    path: ['cloud'],
  })
