import { createMatcher } from '../../processors/match.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import { createContext } from '../context.ts'
import type { ServiceContext } from './service-context.ts'

/** Of records of states those whose resources Terraform's own calls, which wait for the state, have deleted. */
export function seenDeleted({
  tables,
  secrets,
}: Pick<ServiceContext, 'tables' | 'secrets'>): (keys: readonly string[]) => Promise<number> {
  const pipeline = createPipeline({
    context: createContext({ hashKey: secrets.hashKey, unmanagedAny: false }),
    matcher: createMatcher([]),
    admits: () => true,
  })

  return async function countDeleted(keys) {
    const deleted = new Set<string>()
    for await (const { value } of tables.pendingRows()) {
      const plan = pipeline.plan(value.event)
      if (typeof plan === 'string') continue
      const rows = new Map((await tables.findRows(plan.keys)).map((found, i) => [plan.keys[i]!, found]))
      for (const { finding } of plan.judge((key) => rows.get(key) ?? []).findings) {
        if (finding.type === 'resource_deleted' && finding.row) deleted.add(finding.row.key)
      }
    }
    return keys.filter((key) => deleted.has(key)).length
  }
}
