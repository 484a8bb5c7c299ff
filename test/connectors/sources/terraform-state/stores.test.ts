import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configSchema } from '../../../../cli/config/load.ts'
import { validateConfig } from '../../../../cli/config/validate.ts'
import { stateKinds } from '../../../../connectors/sources/index.ts'
import { checkState } from '../../../../connectors/sources/terraform-state/check-state.ts'
import type { StateStore } from '../../../../connectors/sources/terraform-state/state-store.ts'
import { terraformState } from '../../../../connectors/sources/terraform-state.ts'
import { freePort } from '../../../services/ports.ts'
import { until } from '../../../services/until.ts'
import { withEnvironment } from '../../../support/environment.ts'
import { awsCredentials } from '../../../support/trail-bucket.ts'
import { aContext } from '../a-context.ts'
import { hashKey } from '../a-record.ts'

interface Peer {
  open(settings: object): StateStore
  /** How the cloud says that something is not permitted. */
  refusal: { type: string; body: string }
  read: RegExp
  list: RegExp
}

const peers: Record<string, Peer> = {
  s3: {
    open: (settings) =>
      stateKinds.s3.open(stateKinds.s3.configSchema.parse({ bucket: 'b', region: 'eu-west-1', ...settings })),
    refusal: {
      type: 'application/xml',
      body: '<Error><Code>AccessDenied</Code><Message>secret</Message></Error>',
    },
    read: /^s3:\/\/b\/a: not permitted \(AccessDenied\); allow s3:GetObject on arn:aws:s3:::b\/\*/,
    list: /^s3:\/\/b\/p\/: not permitted \(AccessDenied\); allow s3:ListBucket on arn:aws:s3:::b$/,
  },
  gcs: {
    open: (settings) => stateKinds.gcs.open(stateKinds.gcs.configSchema.parse({ bucket: 'b', ...settings })),
    refusal: { type: 'application/json', body: '{"error":{"code":403,"message":"secret"}}' },
    read: /^gs:\/\/b\/a: not permitted \(403\); allow storage\.objects\.get$/,
    list: /^gs:\/\/b\/p\/: not permitted \(403\); allow storage\.objects\.list$/,
  },
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe.each(Object.entries(peers))('%s', (_, { open, refusal, read, list }) => {
  withEnvironment(awsCredentials)

  test('names the permission that is missing: run does not start, doctor says what to grant', async () => {
    const endpoint = await serve((_, response) => {
      response.writeHead(403, { 'content-type': refusal.type }).end(refusal.body)
    })
    const cases = [
      [open({ key: 'a', endpoint }), read],
      [open({ prefix: 'p/', endpoint }), list],
    ] as const
    for (const [store, message] of cases) {
      const source = terraformState({ states: [{ store, acceptShrink: false }], pollMs: 10, hashKey })
      await expect(source.start(aContext())).rejects.toThrow(message)
      expect(await checkState(store)).toMatchObject([
        { ok: false, problem: expect.stringMatching(message), policy: expect.any(String) },
      ])
    }
  })

  test('starts while nobody answers, says so once, and reads on when somebody does', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`
    const context = aContext()
    const states = [{ store: open({ key: 'a', endpoint }), acceptShrink: false }]
    const source = terraformState({ states, pollMs: 10, hashKey })
    await source.start(context)
    onTestFinished(() => source.stop())
    await until('a line', () => context.logged.length > 0 || undefined)
    expect(source.healthy()).toBe(false)
    expect(context.logged).toMatchObject([
      { level: 'error', fields: { error: expect.stringMatching(/look at the network and the endpoint/) } },
    ])
  })
})

test.each([
  ['{ kind: s3, bucket: b }', 'states[0].key: missing; give key for one state, or prefix for all below it'],
  [
    '{ kind: gcs, bucket: b, key: a, prefix: p }',
    'states[0].prefix: given beside key; take one of the two away',
  ],
  [
    '{ kind: s3, bucket: b, prefix: p, versionId: v }',
    'states[0].versionId: is of one state; give key instead of prefix',
  ],
  [
    '{ kind: gcs, bucket: b, key: a, generation: x }',
    'states[0].generation: must be the number of a generation',
  ],
  ['{ kind: s3, bucket: b, keys: a }', 'states[0].keys: unknown key; did you mean key?'],
])('%s is refused: %s', (state, message) => {
  const text = `states:\n  - ${state}\n`
  expect(() => validateConfig(text, { file: 'a.yaml', schema: configSchema, env: {} })).toThrow(message)
})
