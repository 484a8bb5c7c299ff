import { expect, it } from 'vitest'
import { inTurns } from '../../streams/in-turns.ts'

it('works of one name run one after the other, also after one that fails; other names do not wait', async () => {
  const inTurn = inTurns()
  const steps: string[] = []
  let finish = () => {}
  const open = new Promise<void>((resolve) => {
    finish = resolve
  })
  const first = inTurn('a', async () => {
    steps.push('a1 begins')
    await open
    steps.push('a1 ends')
    throw new Error('a1')
  })
  const second = inTurn('a', async () => steps.push('a2'))
  await inTurn('b', async () => steps.push('b'))
  expect(steps).toEqual(['a1 begins', 'b'])
  finish()
  await expect(first).rejects.toThrow('a1')
  await second
  expect(steps).toEqual(['a1 begins', 'b', 'a1 ends', 'a2'])
})
