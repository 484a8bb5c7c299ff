import { afterAll, beforeAll } from 'vitest'

/** Sets variables of the environment for the tests of a group: files share a process. */
export function withEnvironment(variables: Readonly<Record<string, string>>): void {
  const before: Record<string, string | undefined> = {}
  beforeAll(() => {
    for (const [name, value] of Object.entries(variables)) {
      before[name] = process.env[name]
      process.env[name] = value
    }
  })
  afterAll(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
}
