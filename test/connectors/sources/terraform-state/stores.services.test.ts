import { describe, expect, onTestFinished, test } from 'vitest'
import { stateKinds } from '../../../../connectors/sources/index.ts'
import { checkState } from '../../../../connectors/sources/terraform-state/check-state.ts'
import type { StateStore } from '../../../../connectors/sources/terraform-state/state-store.ts'
import { terraformState } from '../../../../connectors/sources/terraform-state.ts'
import { available } from '../../../services/available.ts'
import { until } from '../../../services/until.ts'
import { withEnvironment } from '../../../support/environment.ts'
import { makeGcsBucket, makeS3Bucket, type StateBucket } from '../../../support/state-buckets.ts'
import { awsCredentials } from '../../../support/trail-bucket.ts'
import { aContext } from '../a-context.ts'
import { hashKey } from '../a-record.ts'

const state = (serial: number, lineage = 'l') => {
  const instances = [{ attributes: { id: `vpc-${serial}` } }]
  const resources = [{ mode: 'managed', type: 'aws_vpc', name: 'a', instances }]
  return JSON.stringify({ version: 4, serial, lineage, resources })
}

interface Peer {
  make(): Promise<StateBucket>
  open(settings: Record<string, unknown>): StateStore
  scheme: string
  /** The setting that names a version. */
  version: string
  permission: RegExp
  /** The name of the lock beside a state, as Terraform's backend makes it. */
  lock: string
}

const peers: Record<'s3' | 'gcs', Peer> = {
  s3: {
    make: () => makeS3Bucket(available().moto!.endpoint),
    open: (settings) =>
      stateKinds.s3.open(stateKinds.s3.configSchema.parse({ region: 'eu-west-1', ...settings })),
    scheme: 's3',
    version: 'versionId',
    permission: /"s3:ListBucket"[\s\S]*"s3:GetObject"/,
    lock: 'net.tfstate.tflock',
  },
  gcs: {
    make: () => makeGcsBucket(available().gcs!.endpoint),
    open: (settings) => stateKinds.gcs.open(stateKinds.gcs.configSchema.parse(settings)),
    scheme: 'gs',
    version: 'generation',
    permission: /roles\/storage\.objectViewer/,
    lock: 'net.tflock',
  },
}

function suite({ make, open, scheme, version, permission, lock }: Peer): void {
  withEnvironment(awsCredentials)

  async function scene() {
    const { bucket, endpoint, put } = await make()
    return {
      put,
      url: `${scheme}://${bucket}/`,
      open: (settings: object) => open({ bucket, endpoint, ...settings }),
    }
  }

  test('a state is read when it has changed, and not when it has not', async () => {
    const { put, url, open } = await scene()
    const before = Date.now()
    await put('net.tfstate', state(1))
    const store = open({ key: 'net.tfstate' })
    const [place] = await store.places()
    expect(place).toBe(`${url}net.tfstate`)
    const first = (await store.read(place!))!
    expect(JSON.parse(first.bytes.toString())).toMatchObject({ serial: 1 })
    // S3 tells whole seconds.
    expect(first.modifiedAt).toBeGreaterThanOrEqual(before - 1_000)
    expect(await store.read(place!, first.token)).toBeNull()
    await put('net.tfstate', state(2))
    const second = (await store.read(place!, first.token))!
    expect(JSON.parse(second.bytes.toString())).toMatchObject({ serial: 2 })
    expect(await store.read(place!, second.token)).toBeNull()
  })

  test('it is seen that the lock of a state is held', async () => {
    const { put, open } = await scene()
    await put('net.tfstate', state(1))
    const store = open({ key: 'net.tfstate' })
    const [place] = await store.places()
    expect(await store.isLocked!(place!)).toBe(false)
    await put(lock, '{"ID":"8f2c"}')
    expect(await store.isLocked!(place!)).toBe(true)
  })

  test('below a prefix every state is found, and nothing else', async () => {
    const { put, url, open } = await scene()
    for (const key of [
      'a/1.tfstate',
      'a/b/2.tfstate',
      'a/1.tfstate.tflock',
      'a/1.tfstate.backup',
      'a/x',
      'c.tfstate',
    ])
      await put(key, '{}')
    const store = open({ prefix: 'a/' })
    expect((await store.places()).sort()).toEqual([`${url}a/1.tfstate`, `${url}a/b/2.tfstate`])
    expect(store.covers(`${url}a/gone.tfstate`)).toBe(true)
    expect(store.covers(`${url}c.tfstate`)).toBe(false)
  })

  test('an older version can be named', async () => {
    const { put, url, open } = await scene()
    const older = await put('net.tfstate', state(1))
    await put('net.tfstate', state(2))
    const { bytes } = (await open({ key: 'net.tfstate', [version]: older }).read(`${url}net.tfstate`))!
    expect(JSON.parse(bytes.toString())).toMatchObject({ serial: 1 })
  })

  test('what is not there is named, to the source and to doctor, with what has to be granted', async () => {
    const { put, url, open } = await scene()
    await put('net.tfstate', state(1))
    await put('half.tfstate', state(1).slice(0, 40))
    const what = `${url}no.tfstate: there is no such thing; create it, or correct the name`
    await expect(open({ key: 'no.tfstate' }).read(`${url}no.tfstate`)).rejects.toThrow(what)
    expect(await checkState(open({ key: 'no.tfstate' }))).toMatchObject([
      { ok: false, problem: expect.stringContaining(what), policy: expect.stringMatching(permission) },
    ])
    expect(await checkState(open({ prefix: 'empty/' }))).toMatchObject([
      { ok: false, problem: expect.stringContaining('correct the prefix') },
    ])
    expect(await checkState(open({ bucket: 'no-such-bucket-of-ours', prefix: '' }))).toMatchObject([
      { ok: false },
    ])
    expect(await checkState(open({ key: 'half.tfstate' }))).toMatchObject([
      { ok: false, problem: expect.stringContaining('only a part of it') },
    ])
    expect(await checkState(open({ prefix: 'net' }))).toMatchObject([{ ok: true }])
  })

  test('one that is broken stops no other, and is read once it is mended', async () => {
    const { put, url, open } = await scene()
    await put('a.tfstate', '{"version": 4, "res')
    await put('b.tfstate', state(1, 'b'))
    const context = aContext()
    const source = terraformState({
      states: [{ store: open({ prefix: '' }), acceptShrink: false }],
      pollMs: 50,
      hashKey,
    })
    await source.start(context)
    onTestFinished(() => source.stop())
    const sources = () =>
      context.outputs.flatMap(({ snapshots = [] }) =>
        snapshots.flatMap(({ value }) => (value?.resource ? `${value.source} ${value.serial}` : [])),
      )
    await until('b', () => sources().includes(`${url}b.tfstate 1`) || undefined)
    await until('unhealthy', () => !source.healthy() || undefined)
    await put('b.tfstate', state(2, 'b'))
    await until('b again', () => sources().includes(`${url}b.tfstate 2`) || undefined)
    await put('a.tfstate', state(1, 'a'))
    await until('a', () => sources().includes(`${url}a.tfstate 1`) || undefined)
    await until('healthy', () => source.healthy() || undefined)
    expect(context.logged.map(({ level, fields }) => [level, fields.state])).toEqual([
      ['error', `${url}a.tfstate`],
    ])
    expect(
      source
        .standings()
        .map(({ state }) => state)
        .sort(),
    ).toEqual([`${url}a.tfstate`, `${url}b.tfstate`])
  })
}

describe.skipIf(!available().moto)('states in S3, as moto has it', () => {
  suite(peers.s3)

  test('those of the workspaces are read too, and of no other key', async () => {
    const { bucket, endpoint, put } = await peers.s3.make()
    const url = `s3://${bucket}/`
    for (const key of [
      'net',
      'env:/dev/net',
      'env:/prod/net',
      'env:/dev/other',
      'env:/dev/net.tflock',
      'net2',
    ])
      await put(key, state(1))
    const open = (settings: object) =>
      peers.s3.open({ bucket, endpoint, workspaceKeyPrefix: 'env:', ...settings })
    const places = ['env:/dev/net', 'env:/prod/net', 'net'].map((key) => url + key)
    expect((await open({ key: 'net' }).places()).sort()).toEqual(places)
    await put('a/x.tfstate', state(1))
    await put('env:/dev/a/x.tfstate', state(1))
    const below = ['a/x.tfstate', 'env:/dev/a/x.tfstate'].map((key) => url + key)
    expect((await open({ prefix: 'a/' }).places()).sort()).toEqual(below)
  })
})

describe.skipIf(!available().gcs)('states in Cloud Storage, as fake-gcs-server has it', () =>
  suite(peers.gcs),
)
