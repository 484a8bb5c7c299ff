import { loadMappings } from '../mappings/index.ts'
import { sensitivePaths } from '../mappings/sensitive.ts'
import type { DetectContext } from '../processors/detect/step.ts'
import { hashValue } from '../schemas/hashed-value.ts'
import { isSensitiveName } from '../schemas/sensitive-name.ts'

/** What detection knows of mappings and secrets. */
export function createContext({
  hashKey,
  unmanagedAny,
}: {
  hashKey: Buffer
  unmanagedAny: boolean
}): DetectContext {
  return {
    mappings: loadMappings(),
    isSensitive: (type, attribute) =>
      sensitivePaths(type).includes(attribute) || isSensitiveName(lastName(attribute)),
    hash: (value) => hashValue(hashKey, value),
    unmanagedAny,
  }
}

/** environment[0].variables.DB_PASSWORD → DB_PASSWORD */
function lastName(attribute: string): string {
  return attribute
    .replace(/\[\d+\]$/, '')
    .split('.')
    .at(-1)!
}
