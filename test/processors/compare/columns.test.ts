import { describe, expect, it } from 'vitest'
import { columnsOf } from '../../../processors/compare/columns.ts'

const texts = (schema: Parameters<typeof columnsOf>[0]) => [...(columnsOf(schema)?.keys() ?? [])]

describe('columnsOf', () => {
  it('takes the types of both dialects, and no mode for NULLABLE, in columns within columns too', () => {
    const legacy =
      '{"fields":[{"name":"a","type":"RECORD","fields":[{"name":"b","type":"INTEGER","mode":"NULLABLE"}]}]}'
    const standard = '[{"name":"a","type":"struct","fields":[{"name":"b","type":"INT64"}]}]'
    expect(texts(legacy)).toEqual(texts(standard))
  })

  it('keeps each column as it was written', () => {
    const column = { name: 'a', type: 'INT64', mode: 'NULLABLE' }
    expect([...columnsOf([column])!.values()]).toEqual([column])
  })

  it('is null where there is no schema', () => {
    expect(columnsOf('{}')).toBeNull()
    expect(columnsOf('no JSON')).toBeNull()
  })
})
