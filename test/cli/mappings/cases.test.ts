import { describe, expect, it } from 'vitest'
import { createJudge } from '../../../cli/mappings/judge-case.ts'
import { cases } from './shipped-cases.ts'

const judge = createJudge()

describe.each([...new Set(cases.map(({ file }) => file))])('%s', (file) => {
  const own = cases.filter((one) => one.file === file)
  it.each(own.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const { unexpected, missing, reasons, faults } = await judge(one)
    expect({ unexpected, missing, faults }, one.doubt ?? one.why ?? one.cite).toEqual({
      unexpected: [],
      missing: [],
      faults: [],
    })
    if (one.reason !== null && one.doubt === null) expect(reasons, one.why ?? one.cite).toContain(one.reason)
  })
})
