import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Explanation } from '../../../cli/explain/explanation.ts'
import { runProgram } from '../../../cli/program.ts'
import { testIo } from '../../support/test-io.ts'

type Json = Record<string, unknown>

export const ACCOUNT = '123456789012'
let last = 0

/** A CloudTrail record of alice's, one second later than the one before. */
export function aRecord(
  eventSource: string,
  eventName: string,
  requestParameters: Json,
  more: Json = {},
): Json {
  last++
  return {
    eventVersion: '1.11',
    userIdentity: { type: 'IAMUser', userName: 'alice', accountId: ACCOUNT },
    eventTime: new Date(Date.UTC(2026, 2, 1, 10, 0, last)).toISOString().replace('.000Z', 'Z'),
    eventSource: `${eventSource}.amazonaws.com`,
    eventName,
    awsRegion: 'eu-west-1',
    sourceIPAddress: '203.0.113.10',
    userAgent: 'aws-cli/2.15.30',
    requestParameters,
    responseElements: null,
    eventID: `e0000000-0000-4000-8000-${String(last).padStart(12, '0')}`,
    readOnly: false,
    eventType: 'AwsApiCall',
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
    ...more,
  }
}

/** A resource of a state: TYPE.this, unless named otherwise. */
export function resource(type: string, attributes: Json, { name = 'this', ...instance }: Json = {}): Json {
  return {
    mode: 'managed',
    type,
    name,
    provider: 'provider["registry.terraform.io/hashicorp/aws"]',
    instances: [{ schema_version: 0, attributes, ...instance }],
  }
}

export interface Answer {
  code: number
  out: string
  err: string
  /** The first explanation of --format json. */
  json(): Promise<Explanation>
}

/** Explains the first record's event, or the one of this id, against a state of these resources. */
export async function explain(
  records: readonly Json[],
  resources: readonly Json[],
  { id = String(records[0]!.eventID), args = [] }: { id?: string; args?: string[] } = {},
): Promise<Answer> {
  const text = await run('text')
  return { ...text, json: async () => JSON.parse((await run('json')).out)[0] }

  async function run(format: string) {
    const folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-explain-'))
    try {
      const state = path.join(folder, 'terraform.tfstate')
      const events = path.join(folder, 'events.json')
      writeFileSync(state, JSON.stringify({ version: 4, serial: 7, lineage: 'l', outputs: {}, resources }))
      writeFileSync(events, records.map((record) => JSON.stringify(record)).join('\n'))
      const io = testIo()
      const inputs = ['--state', state, '--events', events, '--format', format, ...args]
      const code = await runProgram(['explain', id, ...inputs], io)
      const plain = (text: string) => text.replaceAll(`${folder}/`, '')
      return { code, out: plain(io.out()), err: plain(io.err()) }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}
