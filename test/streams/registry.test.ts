import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type SchemaIds, UnknownSchemaError } from '../../schemas/ids.ts'
import { confluentRegistry } from '../../streams/confluent-registry.ts'
import { localRegistry } from '../../streams/local-registry.ts'
import { registryContract, v1, withoutDefault } from './registry.contract.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tfdrift-registry-'))
})
afterAll(() => rm(folder, { recursive: true }))

registryContract('a local file', () => localRegistry(path.join(folder, `${randomUUID()}.json`)))

describe('a local file of schemas', () => {
  test('still holds them after a restart, under the same ids', async () => {
    const file = path.join(folder, 'kept.json')
    const before = await localRegistry(file)
    const id = await before.register('kept-value', v1, 'FULL_TRANSITIVE')
    const after = await localRegistry(file)
    expect(await after.lookup(id)).toBe(v1)
    expect(await after.register('kept-value', v1, 'FULL_TRANSITIVE')).toBe(id)
    expect(await after.register('other-value', v1, 'FULL_TRANSITIVE')).toBe(id)
    await expect(after.register('kept-value', withoutDefault, 'FULL_TRANSITIVE')).rejects.toThrow(
      'kept-value',
    )
    expect(await readdir(folder)).not.toContain('kept.json.new')
  })

  test('is never half written: a schema that cannot be stored gets no id', async () => {
    const file = path.join(folder, 'gone', 'schemas.json')
    const ids = await localRegistry(file)
    await expect(ids.register('s-value', v1, 'FULL_TRANSITIVE')).rejects.toThrow('ENOENT')
    await expect(ids.lookup(1)).rejects.toThrow(UnknownSchemaError)
  })

  test('that is damaged is named, and left alone', async () => {
    const file = path.join(folder, 'damaged.json')
    await writeFile(file, '{"schemas": [')
    await expect(localRegistry(file)).rejects.toThrow(`${file}: not a list of schemas`)
    expect(await readFile(file, 'utf8')).toBe('{"schemas": [')
  })
})

describe('a registry that answers otherwise', () => {
  let server: Server
  let answer: { status: number; body: object } | null = null
  let requests: string[] = []
  let ids: SchemaIds
  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`)
      if (!answer) return
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer.body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })
  beforeEach(() => {
    requests = []
    ids = confluentRegistry({ host: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  })

  test('is asked once in half a minute for an id that it does not know', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      answer = { status: 404, body: { error_code: 40403, message: 'Schema not found' } }
      await expect(ids.lookup(7)).rejects.toThrow(UnknownSchemaError)
      await expect(ids.lookup(7)).rejects.toThrow(UnknownSchemaError)
      expect(requests).toEqual(['GET /schemas/ids/7'])
      vi.advanceTimersByTime(31_000)
      answer = { status: 200, body: { schema: v1 } }
      expect(JSON.parse(await ids.lookup(7)).name).toBe('io.tfdrift.Thing')
    } finally {
      vi.useRealTimers()
    }
  })

  test('is not taken to lack a schema when it only fails', async () => {
    answer = { status: 503, body: { message: 'starting' } }
    const failed = ids.lookup(7)
    await expect(failed).rejects.toThrow(/^bus\.kafka\.registry: .* answered 503; its own log says why$/)
    await expect(failed).rejects.not.toThrow(UnknownSchemaError)
    answer = { status: 200, body: { schema: v1 } }
    expect(JSON.parse(await ids.lookup(7)).name).toBe('io.tfdrift.Thing')
  })

  test('has no schema for us where it holds one that is not Avro', async () => {
    answer = { status: 200, body: { schemaType: 'JSON', schema: '{"type":"object"}' } }
    await expect(ids.lookup(8)).rejects.toThrow(UnknownSchemaError)
  })

  test('is told which subject it holds to another compatibility', async () => {
    answer = { status: 200, body: { compatibilityLevel: 'BACKWARD' } }
    const refused = ids.register('s-value', v1, 'FULL_TRANSITIVE')
    await expect(refused).rejects.toThrow(/s-value.*another compatibility than FULL_TRANSITIVE/)
  })

  test('is given up when it does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      answer = null
      const unanswered = expect(ids.lookup(9)).rejects.toThrow('has not answered within 15000 ms')
      await vi.waitUntil(() => requests.length > 0)
      await vi.advanceTimersByTimeAsync(15_000)
      await unanswered
    } finally {
      vi.useRealTimers()
    }
  })
})
