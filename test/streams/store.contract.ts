import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KeyRange, RangeDelete, Store, Write } from '../../streams/store.ts'

/** What every Store must do. `open` makes an empty one with these families. */
export function storeContract(name: string, open: (families: string[]) => Promise<Store>): void {
  describe(`the ${name} store`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open(['a', 'b'])
    })
    afterEach(() => store.close())

    const put = (family: string, key: string | Buffer, value: string): Write => ({
      family,
      key,
      value: Buffer.from(value),
    })

    it('answers in the order of the keys, with null where there is none', async () => {
      await store.apply([put('a', 'one', '1'), put('a', 'two', '2')])
      const values = await store.getMany('a', ['two', 'none', 'one', 'two'])
      expect(values.map((value) => value?.toString() ?? null)).toEqual(['2', null, '1', '2'])
      expect(await store.getMany('a', [])).toEqual([])
    })

    it('answers for a thousand keys at once', async () => {
      const keys = Array.from({ length: 1_000 }, (_, index) => `key-${index}`)
      await store.apply(keys.map((key) => put('a', key, key)))
      const values = await store.getMany('a', ['none', ...keys])
      expect(values.map(String)).toEqual(['null', ...keys])
    })

    it('keeps families apart', async () => {
      await store.apply([put('a', 'key', 'in a'), put('b', 'key', 'in b')])
      await store.apply([{ family: 'a', key: 'key', value: null }])
      expect(await store.getMany('a', ['key'])).toEqual([null])
      expect(String((await store.getMany('b', ['key']))[0])).toBe('in b')
      expect(await rows(store, 'a')).toEqual([])
    })

    it('keeps an empty value and an empty key', async () => {
      await store.apply([put('a', '', 'under the empty key'), put('a', 'key', '')])
      expect((await store.getMany('a', ['', 'key'])).map(String)).toEqual(['under the empty key', ''])
      expect(await rows(store, 'a')).toEqual([
        ['', 'under the empty key'],
        ['key', ''],
      ])
    })

    it('takes a text as its UTF-8 bytes', async () => {
      await store.apply([put('a', 'schlüssel', 'text')])
      expect(String((await store.getMany('a', [Buffer.from('schlüssel', 'utf8')]))[0])).toBe('text')
    })

    it('applies the writes of a batch in their order', async () => {
      await store.apply([
        put('a', 'key', 'old'),
        { family: 'a', key: 'key', value: null },
        put('a', 'key', 'new'),
      ])
      await store.apply([{ family: 'a', gte: '', lt: 'z' }, put('a', 'other', 'after the range was deleted')])
      expect(await rows(store, 'a')).toEqual([['other', 'after the range was deleted']])
    })

    it('applies nothing of a batch that names a family it does not have', async () => {
      await expect(store.apply([put('a', 'key', 'value'), put('nowhere', 'key', 'value')])).rejects.toThrow(
        /nowhere/,
      )
      expect(await rows(store, 'a')).toEqual([])
      await expect(store.getMany('nowhere', ['key'])).rejects.toThrow(/nowhere/)
      await expect(rows(store, 'nowhere')).rejects.toThrow(/nowhere/)
    })

    it('sees the store as it was when the iteration began', async () => {
      await store.apply(['a', 'b', 'c'].map((key) => put('a', key, 'old')))
      const iterator = store.iterate('a')[Symbol.asyncIterator]()
      const seen = [(await iterator.next()).value]
      await store.apply([put('a', 'b', 'new'), { family: 'a', key: 'c', value: null }, put('a', 'd', 'new')])
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) seen.push(next.value)
      expect(seen.map(({ key, value }) => `${key}=${value}`)).toEqual(['a=old', 'b=old', 'c=old'])
    })

    it('closes after an iteration that was broken off, and after one that was left lying', async () => {
      await store.apply(Array.from({ length: 2_000 }, (_, index) => put('a', `key-${index}`, 'value')))
      for await (const { key } of store.iterate('a')) if (String(key) > 'key-1') break
      const left = store.iterate('a')[Symbol.asyncIterator]()
      await left.next()
      await store.close()
    })

    it('finishes the reads and writes that are under way when it is closed, and refuses later ones', async () => {
      const write = store.apply([put('a', 'key', 'value')])
      const read = store.getMany('a', ['key'])
      await store.close()
      await write
      await read
      await expect(store.getMany('a', ['key'])).rejects.toThrow(/closed/)
      await expect(store.apply([put('a', 'key', 'value')])).rejects.toThrow(/closed/)
      await expect(rows(store, 'a')).rejects.toThrow(/closed/)
      await store.close()
    })

    it('is a sorted map: any writes, then any range, in any direction', async () => {
      const key = fc.uint8Array({ maxLength: 3, max: 255 }).map((bytes) => Buffer.from(bytes))
      const write = fc.record({ family: fc.constantFrom('a', 'b'), key, value: fc.option(key) })
      const rangeDelete = fc.record({ family: fc.constantFrom('a', 'b'), gte: key, lt: key })
      const range = fc.record(
        { gte: key, lt: key, reverse: fc.boolean(), limit: fc.nat(10) },
        { requiredKeys: [] },
      )
      const batches = fc.array(
        fc.array(fc.oneof({ weight: 9, arbitrary: write }, rangeDelete), { maxLength: 30 }),
        {
          maxLength: 4,
        },
      )
      await fc.assert(
        fc.asyncProperty(batches, range, async (batches, range) => {
          await store.apply(['a', 'b'].map((family) => ({ family, gte: '', lt: Buffer.alloc(4, 0xff) })))
          const model = new Map<string, string>()
          for (const batch of batches) {
            await store.apply(batch)
            for (const each of batch) applyToModel(model, each)
          }
          const found: string[] = []
          for await (const { key, value } of store.iterate('a', range)) {
            found.push(`${key.toString('hex')}=${value.toString('hex')}`)
          }
          expect(found).toEqual(rangeOfModel(model, range))
        }),
        { numRuns: 100 },
      )
    })
  })
}

async function rows(store: Store, family: string): Promise<[string, string][]> {
  const found: [string, string][] = []
  for await (const { key, value } of store.iterate(family)) found.push([String(key), String(value)])
  return found
}

const hex = (bytes: Buffer | string) => Buffer.from(bytes).toString('hex')

/** Family a only. */
function applyToModel(model: Map<string, string>, write: Write | RangeDelete): void {
  if (write.family !== 'a') return
  if ('lt' in write) {
    for (const key of model.keys()) if (key >= hex(write.gte) && key < hex(write.lt)) model.delete(key)
  } else if (write.value === null) model.delete(hex(write.key))
  else model.set(hex(write.key), hex(write.value))
}

function rangeOfModel(model: Map<string, string>, { gte, lt, reverse, limit }: KeyRange): string[] {
  const inside = [...model]
    .filter(([key]) => (gte === undefined || key >= hex(gte)) && (lt === undefined || key < hex(lt)))
    .sort(([one], [other]) => (one < other ? -1 : 1))
  if (reverse) inside.reverse()
  return inside.slice(0, limit).map(([key, value]) => `${key}=${value}`)
}
