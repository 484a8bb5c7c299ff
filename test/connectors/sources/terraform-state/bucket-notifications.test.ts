import { expect, onTestFinished, test } from 'vitest'
import {
  bucketNotifications,
  notificationsConfig,
} from '../../../../connectors/sources/terraform-state/bucket-notifications.ts'
import { terraformState } from '../../../../connectors/sources/terraform-state.ts'
import { until } from '../../../services/until.ts'
import { quietLog } from '../../quiet-log.ts'
import { aContext } from '../a-context.ts'
import { hashKey } from '../a-record.ts'
import { FakeStates } from '../fake-states.ts'
import { FakeQueue } from '../fake-trail.ts'

const config = notificationsConfig.parse({
  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/states',
})
const object = (key: string) => ({ bucket: { name: 'b' }, object: { key } })
const byS3 = (key: string) => ({
  Records: [{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: object(key) }],
})

async function follow(queue: FakeQueue, onWritten: (places: string[]) => Promise<void>) {
  const log = quietLog()
  const following = bucketNotifications(config, async () => queue).follow(log, onWritten)
  onTestFinished(() => following.stop())
  return { ...following, log }
}

test.each([
  ["S3's own event", byS3('env%3A/dev/a+b.tfstate'), ['s3://b/env:/dev/a b.tfstate']],
  ['SNS', { Type: 'Notification', Message: JSON.stringify(byS3('a.tfstate')) }, ['s3://b/a.tfstate']],
  [
    'EventBridge',
    { source: 'aws.s3', 'detail-type': 'Object Created', detail: object('a.tfstate') },
    ['s3://b/a.tfstate'],
  ],
  ["S3's test", { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' }, []],
])('a message by %s is deleted once what it names has been looked at', async (_, body, expected) => {
  const queue = new FakeQueue()
  queue.send(JSON.stringify(body))
  const told: string[][] = []
  let left = -1
  await follow(queue, async (places) => {
    told.push(places)
    left = queue.messages.length
  })
  await until('an empty queue', () => queue.messages.length === 0 || undefined)
  expect({ told, left }).toEqual({ told: [expected], left: 1 })
})

test('a queue that is not there is said once, with the fix, until it is there', async () => {
  const queue = new FakeQueue()
  queue.gone = true
  queue.send(JSON.stringify(byS3('a.tfstate')))
  const { healthy, log } = await follow(queue, async () => {})
  await until('unhealthy', () => !healthy() || undefined)
  expect(await bucketNotifications(config, async () => queue).check()).toMatchObject([
    { ok: false, policy: expect.stringContaining('arn:aws:sqs:eu-west-1:123456789012:states') },
  ])
  queue.gone = false
  await until('healthy', () => healthy() || undefined)
  expect(log.lines.map(({ fields }) => fields.error)).toEqual([
    `s3: notifications.queueUrl: ${config.queueUrl}: there is no such thing; create it, or correct the name and the region`,
  ])
})

/** States of which nothing but this queue tells after the first look. */
async function announced() {
  const queue = new FakeQueue()
  const notifications = bucketNotifications(config, async () => queue)
  const store = Object.assign(new FakeStates('s3://b/'), { notifications })
  store.put('a', { serial: 1, count: 1 })
  const context = aContext()
  const source = terraformState({ states: [{ store, acceptShrink: false }], pollMs: 2 ** 31 - 1, hashKey })
  await source.start(context)
  onTestFinished(() => source.stop())
  const serials = () =>
    context.outputs.flatMap(({ snapshots = [] }) =>
      snapshots.flatMap(({ key, value }) => (value?.count ? `${key} ${value.serial}` : [])),
    )
  await until('the first look', () => serials().length === 1 || undefined)
  return { queue, store, source, serials }
}

test('only what is announced is looked at, be it new or known, and nothing that is not ours', async () => {
  const { queue, store, source, serials } = await announced()
  store.reads.length = 0
  store.put('unannounced', { serial: 1, count: 1 })
  store.put('a', { serial: 2, count: 1 })
  store.put('new', { serial: 1, count: 1 })
  for (const key of ['a', 'new']) queue.send(JSON.stringify(byS3(key)))
  queue.send(JSON.stringify(byS3('a')).replace('"b"', '"another"'))
  await until('both', () => serials().length === 3 || undefined)
  await until('an empty queue', () => queue.messages.length === 0 || undefined)
  expect(serials().sort()).toEqual(['__sync|a 1', '__sync|a 2', '__sync|new 1'])
  expect(store.reads.sort()).toEqual(['s3://b/a', 's3://b/new'])
  expect(source.healthy()).toBe(true)
})

test('what could not be read then is read once it can be, without another message', async () => {
  const { queue, store, source, serials } = await announced()
  store.put('a', { serial: 2, count: 1 })
  const whole = store.texts.get('s3://b/a')!
  store.texts.set('s3://b/a', whole.slice(0, 30))
  queue.send(JSON.stringify(byS3('a')))
  await until('unhealthy', () => !source.healthy() || undefined)
  await until('an empty queue', () => queue.messages.length === 0 || undefined)
  store.texts.set('s3://b/a', whole)
  await until('the state', () => serials().includes('__sync|a 2') || undefined)
  await until('healthy', () => source.healthy() || undefined)
})
