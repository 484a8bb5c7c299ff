import type { z } from 'zod'
import type { Feeds } from '../../streams/kafka-feed.ts'
import type { Check } from '../check.ts'
import type { Source } from '../source.ts'
import { azureEventHubs, azureEventHubsConfig, checkAzureEventHubs } from './azure-event-hubs.ts'
import { checkCloudtrailFiles, cloudtrailFiles, cloudtrailFilesConfig } from './cloudtrail-files.ts'
import { checkCloudtrailS3, cloudtrailS3, cloudtrailS3Config } from './cloudtrail-s3.ts'
import { checkCloudtrailSqs, cloudtrailSqs, cloudtrailSqsConfig } from './cloudtrail-sqs.ts'
import { checkFalcoGrpc, falcoGrpc, falcoGrpcConfig } from './falco-grpc.ts'
import { falcoHttp, falcoHttpConfig } from './falco-http.ts'
import { checkFalcoSocket, falcoSocket, falcoSocketConfig } from './falco-socket.ts'
import { checkGcpPubsub, gcpPubsub, gcpPubsubConfig } from './gcp-pubsub.ts'
import { gcpPubsubPush, gcpPubsubPushConfig } from './gcp-pubsub-push.ts'
import { checkGcpStorage, gcpStorage, gcpStorageConfig } from './gcp-storage.ts'
import type { StateStore } from './terraform-state/state-store.ts'
import { fileStateConfig, fileStore } from './terraform-state/stores/file.ts'
import { gcsStateConfig, gcsStore } from './terraform-state/stores/gcs.ts'
import { s3StateConfig, s3Store } from './terraform-state/stores/s3.ts'

/** What the process gives to its sources. */
export interface SourceDeps {
  /** Sensitive values leave a source only as hashes under this key; the same on every instance. */
  hashKey: Buffer
  /** How often a place is looked at, milliseconds. */
  pollMs: number
}

/** What the process gives to its sources of events. */
export interface EventSourceDeps extends SourceDeps {
  /** Topics of other Kafka clusters. */
  feeds: Feeds
}

/** A kind of place that events come from. */
export interface SourceKind<Config> {
  /** Strict: unknown fields are errors. Without `kind`, which is the configuration's own. */
  configSchema: z.ZodType<Config>
  create(config: Config, deps: EventSourceDeps): Source
  /** For `tfdrift doctor`: looks at the place without reading it. */
  check?(config: Config, deps: EventSourceDeps): Promise<Check[]>
}

/** A kind of place that Terraform states are read from; one source reads all that are configured, of every kind. */
export interface StateKind<Config> {
  configSchema: z.ZodType<Config>
  open(config: Config): StateStore
}

/** Every kind of source. A new one is a file beside this, a line here, and a harness in the contract suite. */
export const sourceKinds = {
  'cloudtrail-files': {
    configSchema: cloudtrailFilesConfig,
    create: (config, deps) => cloudtrailFiles({ ...config, ...deps }),
    check: checkCloudtrailFiles,
  } satisfies SourceKind<z.output<typeof cloudtrailFilesConfig>>,
  'cloudtrail-sqs': {
    configSchema: cloudtrailSqsConfig,
    create: cloudtrailSqs,
    check: checkCloudtrailSqs,
  } satisfies SourceKind<z.output<typeof cloudtrailSqsConfig>>,
  'cloudtrail-s3': {
    configSchema: cloudtrailS3Config,
    create: cloudtrailS3,
    check: checkCloudtrailS3,
  } satisfies SourceKind<z.output<typeof cloudtrailS3Config>>,
  'azure-event-hubs': {
    configSchema: azureEventHubsConfig,
    create: azureEventHubs,
    check: checkAzureEventHubs,
  } satisfies SourceKind<z.output<typeof azureEventHubsConfig>>,
  'gcp-storage': {
    configSchema: gcpStorageConfig,
    create: gcpStorage,
    check: checkGcpStorage,
  } satisfies SourceKind<z.output<typeof gcpStorageConfig>>,
  'gcp-pubsub': {
    configSchema: gcpPubsubConfig,
    create: gcpPubsub,
    check: checkGcpPubsub,
  } satisfies SourceKind<z.output<typeof gcpPubsubConfig>>,
  'gcp-pubsub-push': {
    configSchema: gcpPubsubPushConfig,
    create: gcpPubsubPush,
  } satisfies SourceKind<z.output<typeof gcpPubsubPushConfig>>,
  'falco-http': {
    configSchema: falcoHttpConfig,
    create: falcoHttp,
  } satisfies SourceKind<z.output<typeof falcoHttpConfig>>,
  'falco-grpc': {
    configSchema: falcoGrpcConfig,
    create: falcoGrpc,
    check: checkFalcoGrpc,
  } satisfies SourceKind<z.output<typeof falcoGrpcConfig>>,
  'falco-socket': {
    configSchema: falcoSocketConfig,
    create: falcoSocket,
    check: checkFalcoSocket,
  } satisfies SourceKind<z.output<typeof falcoSocketConfig>>,
}

/** Every kind of state. A new one is added likewise. */
export const stateKinds = {
  file: { configSchema: fileStateConfig, open: fileStore } satisfies StateKind<
    z.output<typeof fileStateConfig>
  >,
  s3: { configSchema: s3StateConfig, open: s3Store } satisfies StateKind<z.output<typeof s3StateConfig>>,
  gcs: { configSchema: gcsStateConfig, open: gcsStore } satisfies StateKind<z.output<typeof gcsStateConfig>>,
}
