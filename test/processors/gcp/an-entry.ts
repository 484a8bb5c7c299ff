import type { JsonObject } from '../../../processors/finding.ts'

export const PROJECT = 'shop-prod'
export const FIREWALL_ID = `projects/${PROJECT}/global/firewalls/allow-ssh`
export const CHROME =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/113.0.0.0 Safari/537.36,gzip(gfe),gzip(gfe)'
export const TERRAFORM =
  'Terraform/1.9.8 (+https://www.terraform.io) Terraform-Plugin-SDK/2.33.0 terraform-provider-google/6.12.0,gzip(gfe)'

const activity = `projects/${PROJECT}/logs/cloudaudit.googleapis.com%2Factivity`

/** The entry of a call on a firewall as Google writes it: the first of a long operation, by a person in the console. */
export function firewallEntry(
  method: string,
  request: JsonObject = {},
  changes: JsonObject = {},
  log: JsonObject = {},
): JsonObject {
  const verb = method.slice(method.lastIndexOf('.') + 1)
  return {
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      authenticationInfo: {
        principalEmail: 'alice@example.com',
        principalSubject: 'user:alice@example.com',
      },
      requestMetadata: {
        callerIp: '203.0.113.10',
        callerSuppliedUserAgent: CHROME,
        requestAttributes: { time: '2026-03-02T10:15:01.801696Z', auth: {} },
        destinationAttributes: {},
      },
      serviceName: 'compute.googleapis.com',
      methodName: method,
      authorizationInfo: [
        {
          permission: 'compute.firewalls.update',
          granted: true,
          resourceAttributes: { service: 'compute', name: FIREWALL_ID, type: 'compute.firewalls' },
        },
      ],
      resourceName: FIREWALL_ID,
      request: { ...request, '@type': `type.googleapis.com/compute.firewalls.${verb}` },
      response: {
        id: '896785227463044899',
        name: 'operation-1684869580331-5fc6144d418a9-e1332ca3-59c615ac',
        operationType: verb,
        progress: '0',
        status: 'RUNNING',
        targetId: '6563507997690081088',
        user: 'alice@example.com',
        '@type': 'type.googleapis.com/operation',
      },
      ...log,
    },
    insertId: '-6215lve1hil2',
    resource: {
      type: 'gce_firewall_rule',
      labels: { firewall_rule_id: '6563507997690081088', project_id: PROJECT },
    },
    timestamp: '2026-03-02T10:15:01.353421Z',
    severity: 'NOTICE',
    labels: { 'compute.googleapis.com/root_trigger_id': 'f1c52ba7-0407-4ec5-b031-8f3232f828f0' },
    logName: activity,
    operation: {
      id: 'operation-1684869580331-5fc6144d418a9-e1332ca3-59c615ac',
      producer: 'compute.googleapis.com',
      first: true,
    },
    receiveTimestamp: '2026-03-02T10:15:02.238420118Z',
    ...changes,
  }
}

/** The end of the same operation: no body, and a status if it has failed. */
export function lastEntry(method: string, status?: JsonObject, changes: JsonObject = {}): JsonObject {
  const { protoPayload, operation, ...entry } = firewallEntry(method)
  const { authorizationInfo: _, response: __, ...log } = protoPayload as JsonObject
  const { id, producer } = operation as JsonObject
  return {
    ...entry,
    protoPayload: { ...log, ...(status && { status }) },
    insertId: '-j8tq2le1b4ts',
    timestamp: '2026-03-02T10:15:09.728044Z',
    operation: { id: id!, producer: producer!, last: true },
    ...changes,
  }
}

/** The entry of a call on a bucket, by gcloud. */
export function bucketEntry(method: string, log: JsonObject = {}, changes: JsonObject = {}): JsonObject {
  return {
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      status: {},
      authenticationInfo: { principalEmail: 'bob@example.com' },
      requestMetadata: {
        callerIp: '198.51.100.7',
        callerSuppliedUserAgent:
          'apitools Python/3.11.8 gsutil/5.27 (linux) analytics/disabled interactive/True command/iam-ch google-cloud-sdk/467.0.0,gzip(gfe)',
        requestAttributes: { time: '2026-03-02T11:28:42.243082428Z', auth: {} },
        destinationAttributes: {},
      },
      serviceName: 'storage.googleapis.com',
      methodName: method,
      authorizationInfo: [
        {
          resource: 'projects/_/buckets/shop-receipts',
          permission: 'storage.buckets.setIamPolicy',
          granted: true,
          resourceAttributes: {},
        },
      ],
      resourceName: 'projects/_/buckets/shop-receipts',
      resourceLocation: { currentLocations: ['europe-west1'] },
      ...log,
    },
    insertId: '15cp9rve72xt1',
    resource: {
      type: 'gcs_bucket',
      labels: { bucket_name: 'shop-receipts', project_id: PROJECT, location: 'europe-west1' },
    },
    timestamp: '2026-03-02T11:28:42.237027213Z',
    severity: 'NOTICE',
    logName: activity,
    receiveTimestamp: '2026-03-02T11:28:42.900626148Z',
    ...changes,
  }
}

/** What storage.setIamPermissions says of a change of a bucket's policy. */
export function deltas(...bindingDeltas: JsonObject[]): JsonObject {
  return {
    serviceData: {
      '@type': 'type.googleapis.com/google.iam.v1.logging.AuditData',
      policyDelta: { bindingDeltas },
    },
  }
}

/** The firewall as a state has it. */
export const stateFirewall: JsonObject = {
  allow: [{ ports: ['22'], protocol: 'tcp' }],
  creation_timestamp: '2025-09-14T02:45:33.796-07:00',
  deny: [],
  description: '',
  destination_ranges: [],
  direction: 'INGRESS',
  disabled: false,
  enable_logging: null,
  id: FIREWALL_ID,
  log_config: [],
  name: 'allow-ssh',
  network: `https://www.googleapis.com/compute/v1/projects/${PROJECT}/global/networks/main`,
  priority: 1000,
  project: PROJECT,
  self_link: `https://www.googleapis.com/compute/v1/${FIREWALL_ID}`,
  source_ranges: ['10.0.0.0/8'],
  source_service_accounts: null,
  source_tags: null,
  target_service_accounts: null,
  target_tags: ['bastion'],
  timeouts: null,
}

/** The same as the log has it. */
export const apiFirewall: JsonObject = {
  name: 'allow-ssh',
  network: `projects/${PROJECT}/global/networks/main`,
  direction: 'INGRESS',
  priority: 1000,
  sourceRanges: ['10.0.0.0/8'],
  targetTags: ['bastion'],
  alloweds: [{ IPProtocol: 'tcp', ports: ['22'] }],
}
