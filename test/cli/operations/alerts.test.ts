import { describe, expect, it } from 'vitest'
import { alert, alerts, commandAlert } from '../../../cli/operations/alerts.ts'
import { readCommand } from '../../../processors/commands.ts'
import type { AlertStatus } from '../../../schemas/types.ts'
import { full } from '../../schemas/samples.ts'
import { type ALog, aLog } from './a-log.ts'

const said = { by: 'carol', reason: 'planned', until: null }
const drift = (id: string) => id.padEnd(64, '0')

/** A drift with one alert, open and critical unless told otherwise. */
function aDrift(
  log: ALog,
  id: string,
  changes: Partial<AlertStatus> = {},
  severity = 'critical',
): AlertStatus {
  const value = { ...full.alert, id: `a-${id}`, driftId: drift(id), severity: severity as 'critical' }
  const announcement = { id: value.id, status: 'open' as const, first: null, change: null }
  return {
    ...full['alert-status'],
    driftId: drift(id),
    alerts: [{ ...announcement, alert: log.codecs.alert.encode(value) }],
    change: null,
    ...changes,
  }
}

async function publish(log: ALog, ...rows: AlertStatus[]): Promise<void> {
  await log.bus.publish(
    rows.map((row) => ({
      topic: 'tfdrift.alert-status',
      key: Buffer.from(row.driftId),
      value: log.codecs.alertStatus.encode(row),
    })),
  )
}

async function commands(log: ALog) {
  const found: { key: string; command: ReturnType<typeof readCommand> }[] = []
  const tail = await log.bus.tail({ topics: ['tfdrift.raw-events'], from: () => 0 }, async ({ records }) => {
    for (const { key, value } of records)
      found.push({ key: String(key), command: readCommand(await log.codecs.rawEvent.decode(value!)) })
  })
  await tail.caughtUp()
  await tail.stop()
  return found
}

describe('alerts', () => {
  it('lists each drift that is not resolved, with its newest alert', async () => {
    const log = await aLog()
    const change = {
      by: 'operator' as const,
      actor: 'carol',
      at: '2026-03-01T12:00:00Z',
      reason: 'on it',
      until: null,
    }
    await publish(
      log,
      aDrift(log, 'b', { since: '2026-03-02T00:00:00Z' }, 'low'),
      aDrift(log, 'a', { status: 'acknowledged', change }),
    )
    await publish(log, aDrift(log, 'c', { status: 'resolved' }), aDrift(log, 'd', { alerts: [] }))
    expect(await log.ask(alerts, {})).toMatchObject([
      {
        driftId: drift('a'),
        status: 'acknowledged',
        severity: 'critical',
        message: full.alert.message,
        change,
      },
      { driftId: drift('b'), status: 'open', severity: 'low', address: 'aws_instance.web', alerts: 1 },
    ])
  })

  it.each([
    [{ statuses: ['resolved' as const] }, ['c']],
    [{ severities: ['low' as const, 'medium' as const] }, ['b']],
    [{ address: 'module.net.*' }, ['a']],
    [{ address: 'i-0abc' }, ['a', 'b']],
    [{ address: 'aws/*/i-0*', severities: ['critical' as const] }, ['a']],
    [{ address: 'nothing' }, []],
  ])('takes of them what %j says', async (filter, expected) => {
    const log = await aLog()
    await publish(
      log,
      aDrift(log, 'a', { address: 'module.net.aws_instance.web' }),
      aDrift(log, 'b', {}, 'low'),
    )
    await publish(log, aDrift(log, 'c', { status: 'resolved' }))
    const found = (await log.ask(alerts, filter)) as { driftId: string }[]
    expect(found.map(({ driftId }) => driftId[0]).sort()).toEqual(expected)
  })

  it('is empty while there is no topic', async () => {
    expect(await (await aLog({ topics: false })).ask(alerts, {})).toEqual([])
  })
})

describe('one drift', () => {
  it('is shown by its id, the beginning of it, or the id of one of its alerts', async () => {
    const log = await aLog()
    await publish(log, aDrift(log, 'ab1'), aDrift(log, 'ab2'))
    for (const id of [drift('ab1'), 'ab1', 'a-ab1']) {
      expect(await log.ask(alert, { id })).toMatchObject([
        {
          driftId: drift('ab1'),
          verdicts: [{ slot: 'instance_type' }],
          alerts: [{ id: 'a-ab1', status: 'open' }],
        },
      ])
    }
  })

  it.each([
    ['zz', 'no alert or drift has the id zz; tfdrift alerts list shows the ids'],
    ['ab', '2 drifts have an id that begins with ab; give more of it'],
  ])('is not found by %s, and the error says what to do', async (id, message) => {
    const log = await aLog()
    await publish(log, aDrift(log, 'ab1'), aDrift(log, 'ab2'))
    await expect(log.ask(alert, { id })).rejects.toThrow(message)
  })
})

describe('a command', () => {
  it('goes to raw-events under the key of its drift', async () => {
    const log = await aLog()
    await publish(log, aDrift(log, 'a', { eventKey: 'aws/1/global' }))
    expect(await log.ask(commandAlert, { id: 'a-a', action: 'acknowledge', ...said })).toEqual([
      { driftId: drift('a'), address: 'aws_instance.web', was: 'open', status: 'acknowledged', ...said },
    ])
    const command = {
      id: expect.any(String),
      driftId: drift('a'),
      action: 'acknowledge',
      ...said,
      time: expect.any(Number),
    }
    expect(await commands(log)).toEqual([{ key: 'aws/1/global', command }])
  })

  it('finds the key of a drift of before it was noted in the resource', async () => {
    const log = await aLog()
    await publish(log, aDrift(log, 'a', { eventKey: null }))
    await log.ask(commandAlert, { id: 'a', action: 'resolve', ...said })
    expect(await commands(log)).toMatchObject([{ key: 'aws/123456789012/eu-west-1' }])
  })

  it.each([
    ['acknowledge', 'resolved', `the drift ${drift('a')} is resolved; nothing of it is open`],
    ['resolve', 'resolved', 'cannot resolve'],
    ['acknowledge', 'acknowledged', `is acknowledged already; tfdrift alerts show ${drift('a')} says why`],
  ] as const)(
    '%s is refused where the drift is %s, and the error says what to do',
    async (action, status, message) => {
      const log = await aLog()
      await publish(log, aDrift(log, 'a', { status }))
      await expect(log.ask(commandAlert, { id: 'a', action, ...said })).rejects.toThrow(message)
      expect(await commands(log)).toEqual([])
    },
  )
})
