import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { memoryStore } from '../../streams/memory-store.ts'
import { openRocksStore } from '../../streams/rocks-store.ts'
import { storeContract } from './store.contract.ts'

let root: string
let count = 0
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'tfdrift-stores-'))
})
afterAll(() => rm(root, { recursive: true }))

storeContract('memory', async (families) => memoryStore(families))
storeContract('RocksDB', (families) => openRocksStore(path.join(root, `store-${count++}`), families))
