import { describe } from 'vitest'
import { confluentRegistry } from '../../streams/confluent-registry.ts'
import { available } from '../services/available.ts'
import { registryContract } from './registry.contract.ts'

const { registry } = available()

describe.skipIf(!registry)('a real registry', () => {
  registryContract('Apicurio', async () => confluentRegistry({ host: registry?.url ?? '' }))
})
