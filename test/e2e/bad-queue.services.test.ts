import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { aRecord } from '../connectors/sources/a-record.ts'
import { available } from '../services/available.ts'
import { faultyGate } from '../services/faulty-gate.ts'
import { until } from '../services/until.ts'
import { withEnvironment } from '../support/environment.ts'
import { awsCredentials, makeTrailBucket } from '../support/trail-bucket.ts'
import { runInProcess } from './run-in-process.ts'

const { moto } = available()

const held = { id: 'i-0abc123def4567890', instance_type: 't3.micro' }
const instances = [{ schema_version: 0, attributes: held }]
const provider = 'provider["registry.terraform.io/hashicorp/aws"]'
const resources = [{ mode: 'managed', type: 'aws_instance', name: 'a', provider, instances }]
const aState = { version: 4, serial: 1, lineage: 'a', outputs: {}, resources }

/** As SQS answers whom it does not permit. */
const DENIED = {
  status: 403,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': 'AccessDenied;Sender' },
  body: '{"__type":"com.amazonaws.sqs#AccessDeniedException","message":"User: x is not authorized"}',
}

describe.skipIf(!moto)('a queue that run is not permitted to read', () => {
  withEnvironment(awsCredentials)

  it('ends it with what to allow, or is said while it runs; all is told once it is permitted', {
    timeout: 120_000,
  }, async (context) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tfdrift-queue-'))
    const trail = await makeTrailBucket(moto!.endpoint)
    const gate = await faultyGate(new URL(moto!.endpoint), DENIED, context)
    const queueUrl = trail.queueUrl.replace(moto!.endpoint, gate.url)
    const state = path.join(folder, 'a.tfstate')
    writeFileSync(state, JSON.stringify(aState))
    const sink = path.join(folder, 'alerts.ndjson')
    const start = () =>
      runInProcess(folder, {
        sources: [{ kind: 'cloudtrail-sqs', queueUrl, endpoint: gate.url }],
        states: [{ kind: 'file', path: state }],
        alerts: { info: true },
        sinks: { file: { kind: 'siem-file', path: sink } },
      })
    const becomesAlert = async () => {
      const eventID = randomUUID()
      const requestParameters = { instanceId: held.id, instanceType: { value: 't3.large' } }
      const record = aRecord({ eventID, requestParameters })
      await trail.add(`${eventID}.json.gz`, gzipSync(JSON.stringify({ Records: [record] })))
      const isTold = () =>
        existsSync(sink) && readFileSync(sink, 'utf8').includes(eventID) ? true : undefined
      await until('the alert', isTold, { deadlineMs: 60_000 })
    }
    const allow =
      /queueUrl: \S+: not permitted \(AccessDenied\w*\); allow sqs:ReceiveMessage, sqs:DeleteMessage/

    gate.fails = true
    const refusal = await start().catch(String)
    expect(refusal).toContain('run ended with 1')
    expect(refusal).toMatch(allow)

    gate.fails = false
    const service = await start()
    context.onTestFinished(async () => {
      await service.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    await becomesAlert()
    gate.fails = true
    await until('it is said', () => allow.test(service.log()) || undefined, { deadlineMs: 60_000 })
    gate.fails = false
    await becomesAlert()
  })
})
