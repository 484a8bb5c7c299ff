import { describe, expect, test } from 'vitest'
import { createPlaces, type TopicOffsets } from '../../streams/kafka-places.ts'

const end = (partition: number, high: number, low = 0): TopicOffsets => ({ topic: 't', partition, low, high })

/** Lets everything that is settled be seen. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('the places of a tail', () => {
  test('begin where they are told to, within what the log holds', () => {
    const wanted = [0, 7, 99]
    const places = createPlaces(
      [end(0, 10, 5), end(1, 10, 5), end(2, 10, 5)],
      (_, partition) => wanted[partition]!,
    )
    expect([0, 1, 2].map((partition) => places.get('t', partition).next)).toEqual([5, 7, 10])
  })

  test('are at an end only when every partition is', async () => {
    const places = createPlaces([end(0, 2), end(1, 2), end(2, 0)], () => 0)
    let there = false
    void places.reach([end(0, 2), end(1, 2), end(2, 0)]).then(() => {
      there = true
    })
    places.moveTo(places.get('t', 0), 2)
    places.moveTo(places.get('t', 1), 1)
    await settled()
    expect(there).toBe(false)
    places.moveTo(places.get('t', 1), 5)
    await settled()
    expect(there).toBe(true)
  })

  test('are at an end that they have passed already', async () => {
    const places = createPlaces([end(0, 3)], () => 3)
    await places.reach([end(0, 3)])
  })

  test('never go back', () => {
    const places = createPlaces([end(0, 9)], () => 0)
    const place = places.get('t', 0)
    places.moveTo(place, 5)
    places.moveTo(place, 3)
    expect(place.next).toBe(5)
  })

  test('begin at 0 in a partition that has been added since', async () => {
    const places = createPlaces([end(0, 0)], () => 0)
    const reached = places.reach([end(0, 0), end(1, 4)])
    places.moveTo(places.get('t', 1), 4)
    await reached
  })

  test('let nobody wait for what will not come', async () => {
    const places = createPlaces([end(0, 3)], () => 0)
    const waiting = expect(places.reach([end(0, 3)])).rejects.toThrow('stopped')
    places.giveUp(new Error('stopped'))
    await waiting
    await expect(places.reach([end(0, 0)])).rejects.toThrow('stopped')
  })
})
