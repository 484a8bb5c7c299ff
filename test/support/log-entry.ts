import type { RawEvent } from '../../schemas/types.ts'

type Json = Record<string, unknown>

/** An entry of Google's audit log, as a sink writes it: a firewall that is changed. */
export function aLogEntry(changes: Json = {}): Json {
  return {
    insertId: '-abc123d4567',
    logName: 'projects/tests/logs/cloudaudit.googleapis.com%2Factivity',
    timestamp: '2026-03-01T08:15:30.123456Z',
    receiveTimestamp: '2026-03-01T08:15:31.000000Z',
    severity: 'NOTICE',
    resource: { type: 'gce_firewall_rule', labels: { project_id: 'tests', firewall_rule_id: '4242' } },
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      serviceName: 'compute.googleapis.com',
      methodName: 'v1.compute.firewalls.patch',
      resourceName: 'projects/tests/global/firewalls/web',
      authenticationInfo: { principalEmail: 'alice@example.com' },
      requestMetadata: { callerIp: '203.0.113.10', callerSuppliedUserAgent: 'google-cloud-sdk' },
      request: { '@type': 'type.googleapis.com/compute.firewalls.patch', sourceRanges: ['0.0.0.0/0'] },
    },
    ...changes,
  }
}

/** As the objects of a sink hold them: one a line. */
export function lines(...entries: Json[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
}

/** The entry's own id, of which that of the event is made. */
export function insertIdOf({ payload }: Pick<RawEvent, 'payload'>): string {
  return JSON.parse(payload.toString()).insertId
}
