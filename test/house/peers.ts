/** Who stands on the other side of a connector in the tests. */
export interface Peer {
  /** What it is; `fake` where no real one can be had here. */
  peer: string
  real: boolean
  /** The test that talks to it. */
  test: string
}

/** Every kind of source, state and sink. A fake is strict: it refuses what the real one would refuse. */
export const peers: Record<string, Peer> = {
  'source cloudtrail-files': {
    peer: 'files and folders',
    real: true,
    test: 'test/e2e/cluster.services.test.ts',
  },
  'source cloudtrail-sqs': {
    peer: 'moto (S3 and SQS)',
    real: true,
    test: 'test/e2e/backlog.services.test.ts',
  },
  'source cloudtrail-s3': {
    peer: 'moto (S3)',
    real: true,
    test: 'test/connectors/sources/cloudtrail-sqs.services.test.ts',
  },
  'source azure-event-hubs': {
    peer: 'Kafka by SASL_SSL, as Event Hubs speak it',
    real: true,
    test: 'test/e2e/entrances.services.test.ts',
  },
  'source gcp-storage': {
    peer: 'fake-gcs-server',
    real: true,
    test: 'test/connectors/sources/gcp-storage.services.test.ts',
  },
  'source gcp-pubsub': {
    peer: 'a subscription by REST, with tokens and leases',
    real: false,
    test: 'test/connectors/sources/gcp-pubsub.test.ts',
  },
  'source gcp-pubsub-push': {
    peer: 'pushes with signed tokens, and a server of certificates',
    real: false,
    test: 'test/connectors/sources/gcp-pubsub-push.test.ts',
  },
  'source falco-http': {
    peer: 'posts in the shapes of Falco and falcosidekick',
    real: false,
    test: 'test/e2e/entrances.services.test.ts',
  },
  'source falco-grpc': {
    peer: "a gRPC server that writes Falco's published messages byte by byte",
    real: false,
    test: 'test/e2e/entrances.services.test.ts',
  },
  'source falco-socket': {
    peer: 'a unix socket',
    real: true,
    test: 'test/e2e/falco-socket.test.ts',
  },
  'state file': { peer: 'files', real: true, test: 'test/e2e/cluster.services.test.ts' },
  'state s3': {
    peer: 'moto (S3)',
    real: true,
    test: 'test/connectors/sources/terraform-state/stores.services.test.ts',
  },
  'state gcs': {
    peer: 'fake-gcs-server',
    real: true,
    test: 'test/connectors/sources/terraform-state/stores.services.test.ts',
  },
  'sink console': { peer: 'a stream', real: true, test: 'test/connectors/sinks/contract.test.ts' },
  'sink webhook': {
    peer: 'an HTTP receiver with the Standard Webhooks library',
    real: true,
    test: 'test/e2e/kill.services.test.ts',
  },
  'sink siem-file': {
    peer: 'a file, checked against the OCSF schema',
    real: true,
    test: 'test/e2e/cluster.services.test.ts',
  },
  'sink slack': {
    peer: 'a receiver with the limits of Block Kit',
    real: false,
    test: 'test/e2e/entrances.services.test.ts',
  },
  'sink email': {
    peer: 'aiosmtpd (SMTP with STARTTLS, TLS and login)',
    real: true,
    test: 'test/connectors/sinks/email.services.test.ts',
  },
  'sink falco': {
    peer: "falcosidekick's HTTP input, with its checks",
    real: false,
    test: 'test/connectors/sinks/falco.test.ts',
  },
  'sink jira': {
    peer: 'a project with a workflow, checked documents and a late search',
    real: false,
    test: 'test/connectors/sinks/jira.test.ts',
  },
  'sink splunk': {
    peer: 'a collector with acknowledgement',
    real: false,
    test: 'test/connectors/sinks/splunk.test.ts',
  },
  'sink discord': {
    peer: 'a receiver with the limits of embeds, rates and edits',
    real: false,
    test: 'test/connectors/sinks/discord.test.ts',
  },
  'sink audit-log': {
    peer: 'a file, whose writer is killed',
    real: true,
    test: 'test/connectors/sinks/audit-log.test.ts',
  },
  'sink pagerduty': {
    peer: 'an Events API v2 with incidents, that refuses what PagerDuty refuses',
    real: false,
    test: 'test/connectors/sinks/pagerduty.test.ts',
  },
}
