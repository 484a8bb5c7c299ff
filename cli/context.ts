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
    isSensitive: remembered(
      (type, attribute) => isDeclaredSensitive(type, attribute) || isSensitiveName(lastName(attribute)),
    ),
    hash: (value) => hashValue(hashKey, value),
    unmanagedAny,
  }
}

/** Attributes are few, but keys of tags and of environments may be any. */
const MAX_REMEMBERED = 20_000

function remembered(
  judge: (type: string, attribute: string) => boolean,
): (type: string, attribute: string) => boolean {
  const verdicts = new Map<string, boolean>()
  return (type, attribute) => {
    const key = `${type} ${attribute}`
    let verdict = verdicts.get(key)
    if (verdict === undefined) {
      verdict = judge(type, attribute)
      if (verdicts.size >= MAX_REMEMBERED) verdicts.clear()
      verdicts.set(key, verdict)
    }
    return verdict
  }
}

/** The provider's paths know no places in lists, and mean everything below them. */
function isDeclaredSensitive(type: string, attribute: string): boolean {
  const path = attribute.replaceAll(/\[\d+\]/g, '')
  return sensitivePaths(type).some((declared) => path === declared || path.startsWith(`${declared}.`))
}

/** environment[0].variables.DB_PASSWORD → DB_PASSWORD */
function lastName(attribute: string): string {
  return attribute
    .replace(/\[\d+\]$/, '')
    .split('.')
    .at(-1)!
}
