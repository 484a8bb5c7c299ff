/** A Terraform state and CloudTrail records that go with it: of any size, and the same for the same seed. */
import type { Call, Kind, Target } from './kinds.ts'
import { ACCOUNT, KINDS } from './kinds.ts'

export interface GenerateOptions {
  /** Resource instances in the state, at least 1. */
  resources: number
  events: number
  seed: number
  /**
   * From 0 to 1: the part of the events that give exactly one alert each, whatever came before. The others are equal to
   * the state, read-only or denied.
   */
  driftShare: number
  /** The part of the other events that only read. Default: half. */
  readShare?: number
  /** The part of the other events that were denied. Default: half of what neither drifts nor reads. */
  deniedShare?: number
}

export interface Generated {
  /** Version 4, of one account and four regions. */
  state: object
  /** Yields the records in order of time, over one hour; every call starts anew. */
  records: () => Generator<object>
  /** The same, each with whether it is a drift. */
  labelled: () => Generator<Labelled>
}

export interface Labelled {
  record: object
  drift: boolean
}

const REGIONS = ['eu-west-1', 'eu-central-1', 'us-east-1', 'ap-southeast-2']
const START = Date.UTC(2026, 2, 2, 10)
const HOUR = 3_600_000
const PEOPLE = ['ines.moreau', 'sven.lindqvist', 'maria.lopez', 'tom.okafor']
const USER_AGENT = 'aws-cli/2.15.30 md/awscrt#0.19.19 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.8'

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0')

const kindOf = (index: number): Kind => KINDS[index % KINDS.length]!

const targetOf = (index: number): Target => ({
  region: REGIONS[Math.floor(index / KINDS.length) % REGIONS.length]!,
  hex: hex(index, 17),
  name: `orders-${index}`,
})

/** Mulberry32: numbers in [0, 1). */
function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

function row(index: number): object {
  const kind = kindOf(index)
  const attributes = kind.attributes(targetOf(index))
  return {
    mode: 'managed',
    type: kind.type,
    name: `r${index}`,
    provider: 'provider["registry.terraform.io/hashicorp/aws"]',
    instances: [{ schema_version: 0, attributes, sensitive_attributes: [] }],
  }
}

function record(
  options: GenerateOptions,
  n: number,
  source: { service: string; region: string },
  call: Call,
): object {
  const person = PEOPLE[n % PEOPLE.length]!
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'IAMUser',
      principalId: `AIDAEXAMPLE00000000${n % PEOPLE.length}`,
      arn: `arn:aws:iam::${ACCOUNT}:user/${person}`,
      accountId: ACCOUNT,
      accessKeyId: 'AKIAEXAMPLE000000001',
      userName: person,
    },
    eventTime: `${new Date(START + Math.floor((n * HOUR) / options.events)).toISOString().slice(0, 19)}Z`,
    eventSource: `${source.service}.amazonaws.com`,
    eventName: call.name,
    awsRegion: source.region,
    sourceIPAddress: '203.0.113.24',
    userAgent: USER_AGENT,
    requestParameters: call.requestParameters,
    responseElements: call.responseElements,
    requestID: `${hex(options.seed >>> 0, 8)}-0000-4000-9000-${hex(n, 12)}`,
    eventID: `${hex(options.seed >>> 0, 8)}-0000-4000-8000-${hex(n, 12)}`,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
  }
}

function* generateLabelled(options: GenerateOptions): Generator<Labelled> {
  const next = random(options.seed)
  for (let n = 0; n < options.events; n += 1) {
    const index = Math.floor(next() * options.resources)
    const kind = kindOf(index)
    const target = targetOf(index)
    const source = { service: kind.service, region: kind.region ?? target.region }
    if (next() < options.driftShare) {
      yield { drift: true, record: record(options, n, source, kind.drift(target, n)) }
      continue
    }
    const { readShare = 0.5, deniedShare = (1 - readShare) / 2 } = options
    const noise = next()
    if (noise < readShare) {
      const instancesSet = { items: [{ instanceId: `i-${target.hex}` }] }
      const describe = {
        name: 'DescribeInstances',
        requestParameters: { instancesSet },
        responseElements: null,
      }
      const read = record(options, n, { ...source, service: 'ec2' }, describe)
      yield { drift: false, record: { ...read, readOnly: true } }
    } else if (noise < 1 - deniedShare) {
      yield { drift: false, record: record(options, n, source, kind.same(target)) }
    } else {
      const denied = record(options, n, source, { ...kind.drift(target, n), responseElements: null })
      const errorMessage = 'User is not authorized to perform this operation'
      yield { drift: false, record: { ...denied, errorCode: 'AccessDenied', errorMessage } }
    }
  }
}

function* generateRecords(options: GenerateOptions): Generator<object> {
  for (const { record } of generateLabelled(options)) yield record
}

/** The state names one account in its arns; resources and drifts spread over the kinds and regions. */
export function generate(options: GenerateOptions): Generated {
  const state = {
    version: 4,
    terraform_version: '1.9.8',
    serial: 1,
    lineage: `${hex(options.seed >>> 0, 8)}-0000-4000-8000-000000000000`,
    outputs: {},
    resources: Array.from({ length: options.resources }, (_, index) => row(index)),
    check_results: null,
  }
  return { state, records: () => generateRecords(options), labelled: () => generateLabelled(options) }
}
