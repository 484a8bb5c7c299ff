import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { AlertJson } from '../../connectors/alert-json.ts'
import { until } from '../services/until.ts'
import { runInProcess } from './run-in-process.ts'

const account = '123456789012'

function instance(name: string, type: string, id: string, dependencies: string[], attributes: object) {
  const provider = 'provider["registry.terraform.io/hashicorp/aws"]'
  const arn = `arn:aws:ec2:eu-west-1:${account}:${type}/${id}`
  const instances = [{ attributes: { id, arn, ...attributes }, dependencies }]
  return { mode: 'managed', type, name, provider, instances }
}

const state = {
  version: 4,
  terraform_version: '1.9.0',
  serial: 1,
  lineage: '0d1f6a2e-5f39-4c5e-9f0a-3c1d2e4b5a69',
  resources: [
    instance('web', 'aws_instance', 'i-0a', [], { instance_type: 't3.micro', tags: { Owner: 'payments' } }),
    instance('web', 'aws_eip', 'eipalloc-1', ['aws_instance.web'], {}),
    instance('www', 'aws_route53_record', 'r-1', ['aws_eip.web', 'aws_instance.web'], {}),
  ],
}

const change = (eventID: string, minute: number, value: string) => ({
  eventVersion: '1.09',
  userIdentity: { type: 'IAMUser', userName: 'alice', accountId: account },
  eventTime: `2026-03-01T10:0${minute}:00Z`,
  eventSource: 'ec2.amazonaws.com',
  eventName: 'ModifyInstanceAttribute',
  awsRegion: 'eu-west-1',
  requestParameters: { instanceId: 'i-0a', instanceType: { value } },
  responseElements: { _return: true },
  eventID,
  readOnly: false,
  eventType: 'AwsApiCall',
  managementEvent: true,
  recipientAccountId: account,
  eventCategory: 'Management',
})

test('history and blast radius outlive the process and its tables, and a replay tells the same', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-context-'))
  mkdirSync(path.join(folder, 'events'))
  writeFileSync(path.join(folder, 'terraform.tfstate'), JSON.stringify(state))
  const config = {
    sources: [{ kind: 'cloudtrail-files', paths: [path.join(folder, 'events')], watch: true }],
    states: [{ kind: 'file', path: path.join(folder, 'terraform.tfstate') }],
    alerts: { info: true },
    sinks: { siem: { kind: 'siem-file', path: path.join(folder, 'out.json') } },
  }
  const start = () => runInProcess(folder, config)
  const place = (name: string, record: object) => {
    const hidden = path.join(folder, name)
    writeFileSync(hidden, JSON.stringify({ Records: [record] }))
    renameSync(hidden, path.join(folder, 'events', name))
  }
  let running = await start()
  const tapped = async (): Promise<AlertJson[]> =>
    String(await running.ask('tap', 'alerts'))
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).value)
  const alerts = (count: number) =>
    until(
      `${count} alerts`,
      async () => {
        const found = await tapped()
        return found.length >= count ? found : undefined
      },
      { deadlineMs: 60_000 },
    )

  place('1.json', change('event-1', 0, 't3.large'))
  await alerts(1)
  await running.stop()
  // What another instance has that takes the partition over: nothing but the topics.
  rmSync(path.join(folder, 'data', 'tables'), { recursive: true })
  running = await start()
  place('2.json', change('event-2', 1, 't3.xlarge'))
  const found = await alerts(2)
  const around = ({ owner, changeHistory, blastRadius }: AlertJson) => ({ owner, changeHistory, blastRadius })
  const blastRadius = {
    directDependents: 1,
    totalDependents: 2,
    addresses: ['aws_eip.web', 'aws_route53_record.www'],
  }
  const first = {
    time: '2026-03-01T10:00:00Z',
    actor: 'alice',
    event: 'ModifyInstanceAttribute',
    attributes: ['instance_type'],
  }
  const expected = [
    { owner: 'payments', changeHistory: [], blastRadius },
    { owner: 'payments', changeHistory: [first], blastRadius },
  ]
  expect(found.map(around)).toEqual(expected)

  await running.ask('replay', '--from', 'earliest')
  expect((await alerts(4)).map(around)).toEqual([...expected, ...expected])
  expect(await running.stop()).toBe(0)
  rmSync(folder, { recursive: true })
})
