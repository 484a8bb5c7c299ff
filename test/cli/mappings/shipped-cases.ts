import { readCases } from '../../../cli/mappings/read-cases.ts'

/** Read once for all tests of a worker: it takes a second. */
export const cases = readCases()
