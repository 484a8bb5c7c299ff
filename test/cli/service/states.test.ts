import { renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { createEmit } from '../../../cli/service/emit.ts'
import { storedPositions } from '../../../cli/service/positions.ts'
import { startStates } from '../../../cli/service/states.ts'
import { rawEvent } from '../../../connectors/sources/formats/cloudtrail.ts'
import { nameKey } from '../../../processors/identity.ts'
import { quietLog } from '../../connectors/quiet-log.ts'
import { aRecord, type Json } from '../../connectors/sources/a-record.ts'
import { tempFolder } from '../../connectors/sources/temp-folder.ts'
import { openInstance } from '../../e2e/instance.ts'
import { until } from '../../services/until.ts'

const TERRAFORM = 'APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) aws-sdk-go-v2/1.32.5'
/** A state that is not read after a trigger within this time is not read by it. */
const SOON = { deadlineMs: 2_000, everyMs: 20 }

/** The role `state` on the embedded bus, with one state in a file. */
async function scene(settings: object) {
  const folder = tempFolder()
  const state = path.join(folder, 'a.tfstate')
  const config = path.join(folder, 'tfdrift.yaml')
  const file = { dataDir: path.join(folder, 'data'), states: [{ kind: 'file', path: state }], ...settings }
  writeFileSync(config, stringify(file))
  const write = (serial: number) => {
    const instances = [{ attributes: { id: `vpc-${serial}` } }]
    const resources = [{ mode: 'managed', type: 'aws_vpc', name: 'a', instances }]
    writeFileSync(`${state}.new`, JSON.stringify({ version: 4, serial, lineage: 'l', resources }))
    renameSync(`${state}.new`, state)
  }
  write(1)
  const log = quietLog()
  const instance = await openInstance(config, log, (error) => {
    throw error
  })
  const { context } = instance
  const positions = storedPositions(context.tables.store)
  const role = await startStates(context, positions)
  onTestFinished(async () => {
    await role.stop()
    await instance.close()
  })
  const { bus, topic, codecs, secrets } = context
  const emit = createEmit({ bus, topic, codecs, deadLetterKey: secrets.deadLetterKey, onStored: () => {} })
  const isRead = async (serial: number) => {
    const [rows] = await context.tables.findRows([nameKey('aws_vpc', `vpc-${serial}`)])
    return rows!.length > 0
  }
  await until('the first look', async () => (await isRead(1)) || undefined)
  return {
    write,
    isRead,
    metrics: () => {
      role.observe?.()
      return context.metrics.render()
    },
    state,
    positions,
    happens: (changes: Json) => {
      const record = aRecord({ eventTime: new Date().toISOString(), ...changes })
      const options = { origin: 'x', receivedAt: Date.now(), hashKey: secrets.hashKey }
      return emit({ events: [rawEvent(record as never, options)] })
    },
  }
}

describe('R33: a change by Terraform among the raw events has the states read within 2 s', () => {
  test.each([
    ['event_driven', { event_driven: { triggers: ['terraform apply', 'terraform destroy'] } }],
    ['hybrid', { hybrid: { base_interval: '1h', event_triggers: true } }],
  ])('in mode %s', async (_, sync_mode) => {
    const { write, isRead, happens } = await scene({ sync_mode })
    write(2)
    await happens({ userAgent: TERRAFORM, eventID: 'one' })
    await until('serial 2', async () => (await isRead(2)) || undefined, SOON)
    write(3)
    await happens({ userAgent: TERRAFORM, eventID: 'two', eventName: 'DeleteVpc' })
    await until('serial 3', async () => (await isRead(3)) || undefined, SOON)
  })

  test('and nothing else does', async () => {
    const { write, isRead, happens } = await scene({
      sync_mode: { event_driven: { triggers: ['terraform destroy'] } },
    })
    write(2)
    await happens({ eventID: 'by a person' })
    await happens({ userAgent: TERRAFORM, eventID: 'no deletion' })
    await happens({ userAgent: TERRAFORM, eventID: 'read', eventName: 'DescribeVpcs', readOnly: true })
    await happens({
      userAgent: TERRAFORM,
      eventID: 'old',
      eventName: 'DeleteVpc',
      eventTime: '2026-03-01T10:00:00Z',
    })
    await expect(
      until('serial 2', async () => (await isRead(2)) || undefined, { deadlineMs: 1_000 }),
    ).rejects.toThrow('not within')
    await happens({ userAgent: TERRAFORM, eventID: 'deletion', eventName: 'DeleteVpc' })
    await until('serial 2', async () => (await isRead(2)) || undefined, SOON)
  })
})

test('hybrid reads after its interval, too', async () => {
  const { write, isRead } = await scene({ sync_mode: { hybrid: { base_interval: '100ms' } } })
  write(2)
  await until('serial 2', async () => (await isRead(2)) || undefined, SOON)
})

test('metrics tell of each state how long ago it was seen and written, and whether it is held back', async () => {
  const { metrics, state } = await scene({})
  const text = await metrics()
  const value = (name: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`tfdrift_${name}{`))
    expect(line).toContain(`state="${state}"`)
    return Number(line!.split(' ').at(-1))
  }
  expect(value('state_seen_seconds')).toBeGreaterThanOrEqual(0)
  expect(value('state_seen_seconds')).toBeLessThan(30)
  expect(value('state_age_seconds')).toBeGreaterThanOrEqual(value('state_seen_seconds'))
  expect(value('state_held_back')).toBe(0)
})

test('positions are kept where the versions that had a source for each kind of state look for them', async () => {
  const { positions, state } = await scene({})
  expect(await positions.get(`file\0terraform-state-files:${state}`)).toContain('"serial":1')
})
