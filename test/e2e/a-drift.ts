import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** One instance that a state holds, and calls of people who change it. */
export const id = 'i-0a1b2c3d4e5f60101'
const ACCOUNT = '123456789012'
const REGION = 'eu-west-1'

/** The state, whose instance has these attributes beside those that it begins with. */
export function stateOf(attributes: object = {}, serial = 7): string {
  const values = { id, instance_type: 't3.small', disable_api_termination: true, ...attributes }
  return JSON.stringify({
    version: 4,
    terraform_version: '1.9.8',
    serial,
    lineage: '6f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
    outputs: {},
    resources: [
      {
        mode: 'managed',
        type: 'aws_instance',
        name: 'web',
        provider: 'provider["registry.terraform.io/hashicorp/aws"]',
        instances: [{ schema_version: 1, attributes: { ...values, arn: arnOf(id) } }],
      },
    ],
  })
}

function arnOf(instance: string): string {
  return `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${instance}`
}

/** A ModifyInstanceAttribute of alice, or of whom it says, at a second of that day. */
export function modify(attribute: string, value: unknown, second: number, who = 'alice'): object {
  return {
    eventVersion: '1.10',
    userIdentity: {
      type: 'IAMUser',
      principalId: `AIDA${who.toUpperCase()}`,
      arn: `arn:aws:iam::${ACCOUNT}:user/${who}`,
      accountId: ACCOUNT,
      userName: who,
    },
    eventTime: new Date(Date.UTC(2026, 2, 1, 10, 0, second)).toISOString().replace('.000', ''),
    eventSource: 'ec2.amazonaws.com',
    eventName: 'ModifyInstanceAttribute',
    awsRegion: REGION,
    sourceIPAddress: '203.0.113.10',
    userAgent: 'aws-cli/2.15.30',
    requestParameters: { instanceId: id, [attribute]: { value } },
    responseElements: { requestId: randomUUID(), _return: true },
    eventID: randomUUID(),
    readOnly: false,
    eventType: 'AwsApiCall',
    recipientAccountId: ACCOUNT,
  }
}

/** Puts records into a folder that is watched, as a copying tool does. */
export function placeRecords(events: string, ...records: object[]): void {
  mkdirSync(events, { recursive: true })
  const hidden = path.join(events, '..', `${randomUUID()}.new`)
  writeFileSync(hidden, JSON.stringify({ Records: records }))
  renameSync(hidden, path.join(events, `${randomUUID()}.json`))
}

/** Replaces a state as Terraform's remote stores do: at once. */
export function placeState(file: string, text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}
