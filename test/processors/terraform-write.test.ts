import { expect, test } from 'vitest'
import { rawEvent } from '../../connectors/sources/formats/cloudtrail.ts'
import { terraformCommands } from '../../processors/terraform-write.ts'
import { aRecord, hashKey, type Json } from '../connectors/sources/a-record.ts'

const AGENT =
  'APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.80.0 aws-sdk-go-v2/1.32.5'

function commands(changes: Json): string[] {
  const record = aRecord({ userAgent: AGENT, ...changes })
  return terraformCommands(rawEvent(record as never, { origin: 'x', receivedAt: 0, hashKey }))
}

test.each([
  ['a change of Terraform', {}, ['terraform apply']],
  ['a deletion of Terraform', { eventName: 'DeleteVpc' }, ['terraform apply', 'terraform destroy']],
  ['an end of an instance', { eventName: 'TerminateInstances' }, ['terraform apply', 'terraform destroy']],
  ['OpenTofu', { userAgent: 'OpenTofu/1.12.6 (+https://opentofu.org)' }, ['terraform apply']],
  ["a person's change", { userAgent: 'console.ec2.amazonaws.com' }, []],
  ['what Terraform only reads', { eventName: 'DescribeInstances', readOnly: true }, []],
  ['what Terraform tried', { errorCode: 'UnauthorizedOperation' }, []],
])('%s', (_, changes, expected) => {
  expect(commands(changes)).toEqual(expected)
})
