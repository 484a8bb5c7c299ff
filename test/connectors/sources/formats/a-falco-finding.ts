import { aRecord, type Json } from '../a-record.ts'

/** A finding as Falco posts it, of the call of `aRecord`: absent fields are null, numbers are numbers. */
export function aFinding(fields: Json = {}, changes: Json = {}): Json {
  const record = aRecord() as { requestParameters: Json; responseElements: Json }
  return {
    time: '2026-03-01T10:00:01.000000000Z',
    rule: 'AWS instance attribute changed',
    priority: 'Warning',
    source: 'aws_cloudtrail',
    hostname: 'falco-0',
    output: '10:00:01.000000000: Warning alice changed an instance',
    tags: ['aws'],
    output_fields: {
      'evt.time': 1772359201000000000,
      'ct.id': 'f1e2d3c4-0001-4aaa-8bbb-000000000001',
      'ct.time': '2026-03-01T10:00:01Z',
      'ct.src': 'ec2.amazonaws.com',
      'ct.name': 'ModifyInstanceAttribute',
      'ct.region': 'eu-west-1',
      'ct.srcip': '203.0.113.10',
      'ct.useragent': 'aws-cli/2.15.0',
      'ct.error': null,
      'ct.readonly': 'false',
      'ct.eventtype': 'AwsApiCall',
      'ct.eventcategory': 'Management',
      'ct.recipientaccountid': '123456789012',
      'ct.sharedeventid': null,
      'ct.user': 'alice',
      'ct.user.identitytype': 'IAMUser',
      'ct.user.principalid': 'AIDAEXAMPLE',
      'ct.user.arn': 'arn:aws:iam::123456789012:user/alice',
      'ct.user.accountid': '123456789012',
      'ct.request.name': null,
      'ct.request': JSON.stringify(record.requestParameters),
      'ct.response': JSON.stringify(record.responseElements),
      ...fields,
    },
    ...changes,
  }
}
