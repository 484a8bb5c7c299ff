/** Findings that hold no whole call of a cloud, as Falco's http_output posts them. */

export const shellInContainer = {
  hostname: 'falco-0',
  output:
    '10:00:01.123456789: Notice A shell was spawned in a container with an attached terminal | evt_type=execve ' +
    'user=root user_uid=0 process=bash command=bash terminal=34816 container_name=web',
  priority: 'Notice',
  rule: 'Terminal shell in container',
  source: 'syscall',
  tags: ['T1059', 'container', 'maturity_stable', 'mitre_execution', 'shell'],
  time: '2026-03-01T10:00:01.123456789Z',
  output_fields: {
    'container.id': '3ad7b26ded6d',
    'container.image.repository': 'nginx',
    'container.name': 'web',
    'evt.time': 1772359201123456800,
    'evt.type': 'execve',
    'k8s.ns.name': null,
    'proc.cmdline': 'bash',
    'proc.name': 'bash',
    'proc.tty': 34816,
    'user.name': 'root',
    'user.uid': 0,
  },
}

export const execInPod = {
  hostname: 'falco-1',
  output:
    '10:00:02.000000000: Warning Attach/Exec to pod (user=alice@example.com pod=web-0 resource=pods ns=default)',
  priority: 'Warning',
  rule: 'Attach/Exec Pod',
  source: 'k8s_audit',
  tags: ['k8s'],
  time: '2026-03-01T10:00:02.000000000Z',
  output_fields: {
    'evt.time': 1772359202000000000,
    'ka.target.name': 'web-0',
    'ka.target.namespace': 'default',
    'ka.target.resource': 'pods',
    'ka.uri.param[command]': 'sh',
    'ka.user.name': 'alice@example.com',
  },
}

/** The plugin gives no request and no delta of a policy, whatever the call was. */
export const googleFirewall = {
  hostname: 'falco-2',
  output: '10:00:03.000000000: Error A firewall was changed (user=bob@example.com)',
  priority: 'Error',
  rule: 'GCP firewall changed',
  source: 'gcp_auditlog',
  tags: ['gcp'],
  time: '2026-03-01T10:00:03.000000000Z',
  output_fields: {
    'evt.time': 1772359203000000000,
    'gcp.user': 'bob@example.com',
    'gcp.callerIP': '203.0.113.7',
    'gcp.userAgent': 'google-cloud-sdk gcloud/470.0.0',
    'gcp.serviceName': 'compute.googleapis.com',
    'gcp.methodName': 'v1.compute.firewalls.patch',
    'gcp.projectId': 'prod-1',
    'gcp.resourceName': 'projects/prod-1/global/firewalls/web',
    'gcp.request': '',
    'gcp.policyDelta': null,
  },
}

/** The rule puts out what it likes of a call, and not its parameters. */
export const loginWithoutMfa = {
  uuid: '2a5c6f1e-7c1b-4f0e-9a55-0d8e6a0b1c2d',
  hostname: 'falco-3',
  output: '10:00:04.000000000: Critical Console login without MFA (user=carol)',
  priority: 'Critical',
  rule: 'Console Login Without MFA',
  source: 'aws_cloudtrail',
  tags: ['cloud', 'aws'],
  time: '2026-03-01T10:00:04.000000000Z',
  output_fields: {
    'evt.time': 1772359204000000000,
    'ct.id': 'f1e2d3c4-0001-4aaa-8bbb-00000000000f',
    'ct.name': 'ConsoleLogin',
    'ct.src': 'signin.amazonaws.com',
    'ct.region': 'us-east-1',
    'ct.srcip': '203.0.113.9',
    'ct.user': 'ops',
    'ct.user.identitytype': 'AssumedRole',
    'ct.user.arn': 'arn:aws:sts::123456789012:assumed-role/ops/carol',
    'ct.user.accountid': '123456789012',
  },
}

export const withoutCall = [shellInContainer, execInPod, googleFirewall, loginWithoutMfa]
