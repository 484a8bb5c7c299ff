import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../services/until.ts'
import { modify, placeRecords, placeState, stateOf } from './a-drift.ts'
import { cannotRun, useScene } from './scene.ts'

const scene = useScene()

describe.each(['embedded', 'kafka'] as const)('an alert on the %s bus', (bus) => {
  it.skipIf(cannotRun(bus))(
    'goes open → changed → resolved across kill -9, each transition delivered once',
    { timeout: 180_000 },
    async ({ annotate }) => {
      const { folder, events, receiver } = scene
      const state = path.join(folder, 'terraform.tfstate')
      placeState(state, stateOf())
      const config = scene.config(bus, state)
      const start = () => scene.start({ config, impatient: true })
      const told = () => [...new Set(receiver.hits.map(({ id }) => id))]
      const tells = (count: number) =>
        until(`${count} deliveries`, () => told().length >= count || undefined, {
          deadlineMs: 60_000,
          everyMs: 2,
        })

      let service = await start()
      async function killed(): Promise<void> {
        service.kill('SIGKILL')
        await service.exited
        service = await start()
      }

      placeRecords(events, modify('instanceType', 'm5.large', 1))
      await tells(1)
      await killed()
      placeRecords(events, modify('disableApiTermination', false, 2))
      await tells(2)
      await killed()
      placeRecords(events, modify('instanceType', 't3.small', 3, 'bob'))
      placeRecords(events, modify('disableApiTermination', true, 4, 'bob'))
      // In the middle of it: one of the two alerts has been told, the other may have been.
      await tells(3)
      await killed()
      await tells(4)
      await killed()
      // A drift of its own after all that: behind it nothing is still to come.
      placeRecords(events, modify('instanceType', 'm5.xlarge', 5))
      await tells(5)
      expect(await service.stop()).toBe(0)

      const { hits } = receiver
      const [first, second] = told().map((one) => one.split(':')[0])
      const last = hits.at(-1)!.alert.id
      expect(told().sort()).toEqual(
        [
          `${first}:open`,
          `${first}:resolved`,
          `${second}:changed`,
          `${second}:resolved`,
          `${last}:open`,
        ].sort(),
      )
      const resolved = hits.filter(({ alert }) => alert.status === 'resolved')
      for (const { alert } of resolved) {
        expect(alert).toMatchObject({
          resolvedBy: 'event',
          actor: { name: 'alice' },
          statusChange: { by: 'event', actor: 'bob', reason: 'ModifyInstanceAttribute' },
        })
      }
      expect(new Set(hits.map(({ alert }) => alert.driftId)).size).toBe(1)
      // What the peer has answered and nobody has recorded comes again, under the same id.
      const repeats = hits.length - told().length
      await annotate(`life on ${bus}: 5 transitions, 4 kills, 0 lost, ${repeats} raw repeats`)
      expect(repeats).toBeLessThanOrEqual(4)
    },
  )
})
